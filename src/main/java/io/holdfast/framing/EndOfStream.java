package io.holdfast.framing;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * One frame for each connection: all that the peer sends until it ends its output.
 *
 * @param maxFrame most bytes of the frame
 */
public record EndOfStream(int maxFrame) implements Framing {

	public EndOfStream {
		Framing.checkMaxFrame(maxFrame);
	}

	@Override
	public FrameReader reader() {
		return new Reader(this.maxFrame);
	}

	@Override
	public FrameWriter writer() {
		return new Unchanged(this.maxFrame);
	}

	private record Reader(int maxFrame) implements FrameReader {

		@Override
		public byte @Nullable [] next(ByteBuf in) {
			if (in.readableBytes() > this.maxFrame) {
				throw FrameTooLongException.withoutEnd(in.readableBytes(), this.maxFrame);
			}
			return null;
		}

		@Override
		public byte @Nullable [] last(ByteBuf in) {
			return in.isReadable() ? FrameReader.take(in, in.readableBytes()) : null;
		}

	}

}
