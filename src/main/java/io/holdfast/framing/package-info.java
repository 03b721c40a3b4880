/**
 * How frames are told apart in a stream of bytes: one record per {@link Framing}, each
 * with a reader and a writer on Netty's buffers. It must not know connections, settings
 * or anything else of the gateway, nor what a frame means.
 */
@NullMarked
package io.holdfast.framing;

import org.jspecify.annotations.NullMarked;
