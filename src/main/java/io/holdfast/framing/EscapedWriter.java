package io.holdfast.framing;

import io.netty.buffer.ByteBuf;

/**
 * Writes contents with escapes between two flags, and their checksum with them.
 */
record EscapedWriter(Escaped framing) implements FrameWriter {

	@Override
	public int size(byte[] content) {
		Bounds.requireFits(content, this.framing.maxFrame());
		if (this.framing.checksum().size() == 0) {
			ContentCheck.NOT_EMPTY.check(content);
		}
		return size(content, pairs(content));
	}

	private int size(byte[] content, int pairs) {
		int around = 2 + this.framing.checksum().size();
		if (this.framing.checksum() == Escaped.Checksum.XOR && isEscaped(Escaped.xor(content))) {
			around++;
		}
		return Math.addExact(Math.addExact(content.length, pairs), around);
	}

	@Override
	public void write(byte[] content, ByteBuf out) {
		int pairs = pairs(content);
		out.ensureWritable(size(content, pairs));
		out.writeByte(this.framing.flag());
		if (pairs == 0) {
			out.writeBytes(content);
		}
		else {
			for (byte each : content) {
				write(each, out);
			}
		}
		if (this.framing.checksum() == Escaped.Checksum.XOR) {
			write(Escaped.xor(content), out);
		}
		out.writeByte(this.framing.flag());
	}

	private void write(byte each, ByteBuf out) {
		if (isEscaped(each)) {
			out.writeByte(this.framing.escape());
			out.writeByte((each == this.framing.flag()) ? this.framing.flagAs() : this.framing.escapeAs());
		}
		else {
			out.writeByte(each);
		}
	}

	private int pairs(byte[] content) {
		int pairs = 0;
		for (byte each : content) {
			if (isEscaped(each)) {
				pairs++;
			}
		}
		return pairs;
	}

	private boolean isEscaped(byte each) {
		return each == this.framing.flag() || each == this.framing.escape();
	}

}
