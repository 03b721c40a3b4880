package io.holdfast.framing;

/**
 * No framing: what has come is handed on, in pieces of at most {@code maxFrame}.
 *
 * @param maxFrame most bytes of one piece
 */
public record Raw(int maxFrame) implements Framing {

	public Raw {
		Framing.checkMaxFrame(maxFrame);
	}

	@Override
	public FrameReader reader() {
		return (in) -> in.isReadable() ? FrameReader.take(in, Math.min(in.readableBytes(), this.maxFrame)) : null;
	}

	@Override
	public FrameWriter writer() {
		return new Unchanged(this.maxFrame);
	}

}
