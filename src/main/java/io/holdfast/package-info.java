/**
 * The application's entry. Every package below it has one job; read them in the order in
 * which they build on each other: framing, protocol, transport, connection, listener,
 * route, actuate, config.
 */
@NullMarked
package io.holdfast;

import org.jspecify.annotations.NullMarked;
