package io.holdfast.framing;

import io.netty.buffer.ByteBuf;

/**
 * Writes contents between fixed bytes.
 */
final class EnclosingWriter implements FrameWriter {

	private final byte[] before;

	private final byte[] after;

	private final int maxFrame;

	private final ContentCheck check;

	EnclosingWriter(byte[] before, byte[] after, int maxFrame, ContentCheck check) {
		this.before = before;
		this.after = after;
		this.maxFrame = maxFrame;
		this.check = check;
	}

	@Override
	public int size(byte[] content) {
		Bounds.requireFits(content, this.maxFrame);
		this.check.check(content);
		return Math.addExact(content.length, this.before.length + this.after.length);
	}

	@Override
	public void write(byte[] content, ByteBuf out) {
		// one check of the capacity for all three parts: nothing is written if it fails
		out.ensureWritable(this.before.length + content.length + this.after.length);
		out.writeBytes(this.before).writeBytes(content).writeBytes(this.after);
	}

}
