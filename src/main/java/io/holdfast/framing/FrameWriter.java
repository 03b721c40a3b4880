package io.holdfast.framing;

import io.netty.buffer.ByteBuf;

/**
 * Puts contents back into frames. Has no state; any thread.
 */
public interface FrameWriter {

	/**
	 * How many bytes the frame will have on the wire.
	 * @throws FramingException if this content cannot be framed
	 */
	int size(byte[] content);

	/**
	 * Appends the frame: exactly as many bytes as {@link #size} told.
	 */
	void write(byte[] content, ByteBuf out);

}
