package io.holdfast.framing;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Takes frames off the head of one connection's input. To be called by one thread at a
 * time. The buffer may be another one at each call, provided that it begins with what the
 * previous call left unread. After an exception the stream is out of step and the reader
 * is of no further use.
 */
public interface FrameReader {

	/**
	 * Takes the next whole frame off the head of {@code in}. A frame that is not whole
	 * yet stays in {@code in}, and memory is taken only for bytes that have arrived,
	 * whatever length a peer announces.
	 * @return the content, or {@code null} when more bytes are needed
	 * @throws FramingException when no frame can begin with these bytes, or it would be
	 * too long
	 */
	byte @Nullable [] next(ByteBuf in);

	/**
	 * Takes what the end of the stream makes a frame of. To be called once, when
	 * {@link #next} has returned {@code null} and the peer has ended its output.
	 * @return the content, or {@code null} when what is left is no frame
	 * @throws FrameTooLongException when it is too long
	 */
	default byte @Nullable [] last(ByteBuf in) {
		return null;
	}

}
