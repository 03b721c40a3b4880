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

	/**
	 * A writer of bytes in their order: the network may cut and merge contents, so the
	 * peer may take them for other pieces, but for no other bytes. An empty content is
	 * refused, since nothing would be sent.
	 */
	@Override
	public FrameWriter writer() {
		return new AsIsWriter(this.maxFrame, ContentCheck.NOT_EMPTY);
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
