package io.holdfast.framing;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Frames that all have the same length.
 *
 * @param length bytes of every frame
 */
public record Fixed(int length) implements Framing {

	public Fixed {
		Bounds.requireAtLeast(1, "length", length);
	}

	@Override
	public int maxFrame() {
		return this.length;
	}

	@Override
	public FrameReader reader() {
		return this::next;
	}

	/**
	 * A writer that takes contents of exactly this length: a longer one is too long, a
	 * shorter one malformed.
	 */
	@Override
	public FrameWriter writer() {
		return new Writer(this.length);
	}

	private byte @Nullable [] next(ByteBuf in) {
		if (in.readableBytes() < this.length) {
			return null;
		}
		var content = new byte[this.length];
		in.readBytes(content);
		return content;
	}

	private record Writer(int length) implements FrameWriter {

		@Override
		public int size(byte[] content) {
			Bounds.requireFits(content, this.length);
			if (content.length < this.length) {
				throw new MalformedFrameException(
						"content has " + content.length + " bytes; must have exactly " + this.length);
			}
			return this.length;
		}

		@Override
		public void write(byte[] content, ByteBuf out) {
			out.writeBytes(content);
		}

	}

}
