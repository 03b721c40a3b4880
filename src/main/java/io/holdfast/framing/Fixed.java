package io.holdfast.framing;

import io.netty.buffer.ByteBuf;

/**
 * Frames that all have the same length.
 *
 * @param length bytes of each frame
 */
public record Fixed(int length) implements Framing {

	public Fixed {
		Framing.check(length >= 1, "length", length, "at least 1 byte");
	}

	@Override
	public int maxFrame() {
		return this.length;
	}

	@Override
	public FrameReader reader() {
		return (in) -> (in.readableBytes() < this.length) ? null : FrameReader.take(in, this.length);
	}

	@Override
	public FrameWriter writer() {
		return new Exactly(this.length);
	}

	private record Exactly(int length) implements FrameWriter {

		@Override
		public int size(byte[] content) {
			Unchanged.check(content, this.length);
			if (content.length < this.length) {
				throw new MalformedFrameException(
						"content of " + content.length + " bytes for frames of " + this.length + " bytes");
			}
			return this.length;
		}

		@Override
		public void write(byte[] content, ByteBuf out) {
			out.writeBytes(content);
		}

	}

}
