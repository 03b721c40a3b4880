package io.holdfast.framing;

import io.netty.buffer.ByteBuf;

/**
 * Puts contents into frames. Stateless, so any number of threads may share it.
 */
public interface FrameWriter {

	/**
	 * Bytes that the content takes on the wire.
	 * @throws FramingException when it cannot be framed, in most cases because it is too
	 * long
	 */
	int size(byte[] content);

	/**
	 * Appends exactly {@link #size} bytes to {@code out}, or nothing.
	 * @throws FramingException as {@link #size} does
	 */
	void write(byte[] content, ByteBuf out);

}
