package io.holdfast.framing;

import io.netty.buffer.ByteBuf;

/**
 * Writes the content's length as an unsigned LEB128 number of as few bytes as possible,
 * and then the content.
 */
record VarintWriter(int maxFrame) implements FrameWriter {

	@Override
	public int size(byte[] content) {
		Bounds.requireFits(content, this.maxFrame);
		return Math.addExact(lengthSize(content.length), content.length);
	}

	@Override
	public void write(byte[] content, ByteBuf out) {
		out.ensureWritable(size(content));
		int rest = content.length;
		while (rest > 0x7F) {
			out.writeByte(rest | 0x80);
			rest >>>= 7;
		}
		out.writeByte(rest).writeBytes(content);
	}

	static int lengthSize(int length) {
		int bits = Integer.SIZE - Integer.numberOfLeadingZeros(length | 1);
		return (bits + 6) / 7;
	}

}
