package io.holdfast.framing;

import io.netty.buffer.ByteBuf;

/**
 * Writes contents that are whole frames already.
 */
record AsIsWriter(int maxFrame, ContentCheck check) implements FrameWriter {

	@Override
	public int size(byte[] content) {
		Bounds.requireFits(content, this.maxFrame);
		this.check.check(content);
		return content.length;
	}

	@Override
	public void write(byte[] content, ByteBuf out) {
		out.writeBytes(content);
	}

}
