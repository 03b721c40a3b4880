package io.holdfast.framing;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * One frame per connection and direction: everything until the peer ends its output. The
 * writer adds nothing, so the frame is complete for the peer only when our output ends,
 * and two contents on one connection are one frame.
 *
 * @param maxFrame most bytes until the end
 */
public record EndOfStream(int maxFrame) implements Framing {

	public EndOfStream {
		Bounds.requireAtLeast(1, "max-frame", maxFrame);
	}

	@Override
	public FrameReader reader() {
		return new Reader(this.maxFrame);
	}

	@Override
	public FrameWriter writer() {
		return new AsIsWriter(this.maxFrame, ContentCheck.NOT_EMPTY);
	}

	@Override
	public FrameWriter trustingWriter() {
		return new AsIsWriter(this.maxFrame, ContentCheck.NONE);
	}

	private record Reader(int maxFrame) implements FrameReader {

		@Override
		public byte @Nullable [] next(ByteBuf in) {
			if (in.readableBytes() > this.maxFrame) {
				throw new FrameTooLongException(in.readableBytes(), this.maxFrame);
			}
			return null;
		}

		@Override
		public byte @Nullable [] last(ByteBuf in) {
			next(in);
			if (!in.isReadable()) {
				return null;
			}
			var content = new byte[in.readableBytes()];
			in.readBytes(content);
			return content;
		}

	}

}
