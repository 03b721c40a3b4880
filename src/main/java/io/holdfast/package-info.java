/**
 * The application's entry. Every package below it has one job; read them in the order in
 * which they build on each other: framing, protocol, transport, connection, liveness,
 * listener, upstream, route, drain, actuate, config.
 */
@NullMarked
package io.holdfast;

import org.jspecify.annotations.NullMarked;
