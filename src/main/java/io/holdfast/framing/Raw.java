package io.holdfast.framing;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * No framing: whatever has arrived is a frame, in pieces of at most {@code maxFrame}
 * bytes. Where the pieces end depends on the network, so they must mean nothing.
 *
 * @param maxFrame most bytes of one piece
 */
public record Raw(int maxFrame) implements Framing {

	public Raw {
		Bounds.requireAtLeast(1, "max-frame", maxFrame);
	}

	@Override
	public FrameReader reader() {
		return this::next;
	}

	@Override
	public FrameWriter writer() {
		return new AsIsWriter(this.maxFrame);
	}

	private byte @Nullable [] next(ByteBuf in) {
		if (!in.isReadable()) {
			return null;
		}
		var content = new byte[Math.min(in.readableBytes(), this.maxFrame)];
		in.readBytes(content);
		return content;
	}

}
