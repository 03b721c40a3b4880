package io.holdfast.framing;

import io.netty.buffer.ByteBuf;

/**
 * Puts contents into frames. Stateless, so any number of threads may share it.
 * <p>
 * Refuses each content that the framing's own reader would not read back as exactly that
 * one frame: else a client could send one frame that a server behind another framing
 * takes for two, and gets replies that are owed to others.
 */
public interface FrameWriter {

	/**
	 * Checks the content, and tells how many bytes it takes on the wire.
	 * @throws FramingException when it cannot be framed: it is too long, or would not be
	 * read as one frame
	 */
	int size(byte[] content);

	/**
	 * Appends exactly {@link #size} bytes to {@code out}, or nothing. To be called for
	 * contents that {@link #size} has not refused: they are not looked through again.
	 */
	void write(byte[] content, ByteBuf out);

}
