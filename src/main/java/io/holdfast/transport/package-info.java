/**
 * Spring Integration's TCP contract on Netty: the two connection factories, the
 * connection they make, and the threads both run on. Drop-in replacements for the stock
 * {@code TcpNet*} and {@code TcpNio*} factories: same adapters, interceptors and events.
 * It must not know who is connected, why somebody may come in, or where frames go.
 */
@NullMarked
package io.holdfast.transport;

import org.jspecify.annotations.NullMarked;
