package io.holdfast.framing;

import io.netty.buffer.ByteBuf;

/**
 * Writes contents as they are.
 */
record Unchanged(int maxFrame) implements FrameWriter {

	static void check(byte[] content, int maxFrame) {
		if (content.length > maxFrame) {
			throw FrameTooLongException.of(content.length, maxFrame);
		}
	}

	@Override
	public int size(byte[] content) {
		check(content, this.maxFrame);
		return content.length;
	}

	@Override
	public void write(byte[] content, ByteBuf out) {
		out.writeBytes(content);
	}

}
