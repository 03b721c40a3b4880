/**
 * How frames are told apart in a stream of bytes: the framings and the readers and
 * writers that carry them out. It must not know of connections, protocols or Spring; all
 * it needs of Netty is the buffer.
 */
@NullMarked
package io.holdfast.framing;

import org.jspecify.annotations.NullMarked;
