package io.holdfast.framing;

import io.netty.buffer.ByteBuf;

/**
 * Writes contents between fixed bytes. What they contain is not looked at.
 */
final class EnclosingWriter implements FrameWriter {

	private final byte[] before;

	private final byte[] after;

	private final int maxFrame;

	EnclosingWriter(byte[] before, byte[] after, int maxFrame) {
		this.before = before;
		this.after = after;
		this.maxFrame = maxFrame;
	}

	@Override
	public int size(byte[] content) {
		Bounds.requireFits(content, this.maxFrame);
		return Math.addExact(content.length, this.before.length + this.after.length);
	}

	@Override
	public void write(byte[] content, ByteBuf out) {
		// one check of the capacity for all three parts: nothing is written if it fails
		out.ensureWritable(size(content));
		out.writeBytes(this.before).writeBytes(content).writeBytes(this.after);
	}

}
