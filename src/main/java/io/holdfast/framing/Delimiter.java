package io.holdfast.framing;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Frames that end with a certain byte, and may have to begin with one: STX and ETX, or
 * 0x7e at both ends. The delimiters are no part of the content. With the same byte at
 * both ends nothing between two of them is no frame but fill, as in HDLC, so that
 * {@code 7e A 7e 7e B 7e} and {@code 7e A 7e B 7e} both are A and B.
 *
 * @param start the byte that begins each frame, null if any may
 * @param end the byte that ends each frame
 * @param maxFrame most bytes of the content
 */
public record Delimiter(@Nullable Byte start, byte end, int maxFrame) implements Framing {

	public Delimiter {
		Framing.checkMaxFrame(maxFrame);
	}

	@Override
	public FrameReader reader() {
		return new Reader(this.start, this.end, this.maxFrame);
	}

	@Override
	public FrameWriter writer() {
		return new Terminated(this.start, new byte[] { this.end }, this.maxFrame);
	}

	private static final class Reader implements FrameReader {

		private final @Nullable Byte start;

		private final int maxFrame;

		private final boolean sameAtBothEnds;

		private final ScanningReader scan;

		/** Whether the start of the frame under way was taken, or is not wanted. */
		private boolean begun;

		Reader(@Nullable Byte start, byte end, int maxFrame) {
			this.start = start;
			this.maxFrame = maxFrame;
			this.sameAtBothEnds = start != null && start == end;
			this.scan = new ScanningReader(end);
			this.begun = start == null;
		}

		@Override
		public byte @Nullable [] next(ByteBuf in) {
			while (begin(in)) {
				int length = this.scan.find(in);
				if (length < 0) {
					if (in.readableBytes() > this.maxFrame) {
						throw FrameTooLongException.withoutEnd(in.readableBytes(), this.maxFrame);
					}
					return null;
				}
				if (length > this.maxFrame) {
					throw FrameTooLongException.of(length, this.maxFrame);
				}
				byte[] content = FrameReader.take(in, length);
				in.skipBytes(1);
				this.scan.reset();
				// an end that may also be a start is taken for one: the next frame has
				// begun
				this.begun = this.start == null || this.sameAtBothEnds;
				if (length > 0 || !this.sameAtBothEnds) {
					return content;
				}
			}
			return null;
		}

		private boolean begin(ByteBuf in) {
			if (this.begun) {
				return true;
			}
			if (!in.isReadable()) {
				return false;
			}
			byte first = in.readByte();
			if (this.start != null && first != this.start) {
				throw new MalformedFrameException(
						"expected 0x%02x to begin a frame, found 0x%02x".formatted(this.start, first));
			}
			this.begun = true;
			return true;
		}

	}

}
