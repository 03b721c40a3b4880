package io.holdfast.framing;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Takes frames off the bytes of one connection. May remember how far it has looked, so it
 * belongs to one connection and one thread.
 */
public interface FrameReader {

	/**
	 * Takes the next whole frame off the head of the buffer.
	 * @param in what has come and was not taken yet; an incomplete frame stays in it
	 * @return the frame's content, or null if more bytes are needed
	 * @throws FramingException if these bytes cannot become a frame
	 */
	byte @Nullable [] next(ByteBuf in);

	/**
	 * What the end of the stream makes a frame of.
	 * @param in what has come and was not taken
	 * @return the last frame's content, or null if the end makes no frame
	 */
	default byte @Nullable [] last(ByteBuf in) {
		return null;
	}

	/**
	 * Copies the content out, the one copy that a frame costs on its way in.
	 */
	static byte[] take(ByteBuf in, int length) {
		byte[] content = new byte[length];
		in.readBytes(content);
		return content;
	}

}
