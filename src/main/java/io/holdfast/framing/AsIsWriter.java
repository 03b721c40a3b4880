package io.holdfast.framing;

import io.netty.buffer.ByteBuf;

/**
 * Writes contents that are whole frames already.
 */
record AsIsWriter(int maxFrame) implements FrameWriter {

	@Override
	public int size(byte[] content) {
		Bounds.requireFits(content, this.maxFrame);
		return content.length;
	}

	@Override
	public void write(byte[] content, ByteBuf out) {
		Bounds.requireFits(content, this.maxFrame);
		out.writeBytes(content);
	}

}
