package io.holdfast.framing;

import java.nio.ByteOrder;

import io.netty.buffer.ByteBuf;

/**
 * Writes the length that {@link LengthField} has stripped, and then the content.
 */
record LengthFieldWriter(LengthField framing) implements FrameWriter {

	@Override
	public int size(byte[] content) {
		value(content);
		return Math.addExact(this.framing.lengthSize(), content.length);
	}

	@Override
	public void write(byte[] content, ByteBuf out) {
		long value = value(content);
		out.ensureWritable(this.framing.lengthSize() + content.length);
		boolean bigEndian = this.framing.byteOrder() == ByteOrder.BIG_ENDIAN;
		for (int i = 0; i < this.framing.lengthSize(); i++) {
			int place = bigEndian ? this.framing.lengthSize() - 1 - i : i;
			out.writeByte((int) (value >>> (8 * place)));
		}
		out.writeBytes(content);
	}

	private long value(byte[] content) {
		Bounds.requireFits(content, this.framing.maxFrame());
		long value = (long) content.length - this.framing.lengthAdjustment();
		if (value < 0) {
			throw new MalformedFrameException("content has " + content.length
					+ " bytes; must have at least the length-adjustment of " + this.framing.lengthAdjustment());
		}
		int size = this.framing.lengthSize();
		long largest = (size == 8) ? Long.MAX_VALUE : (1L << (8 * size)) - 1;
		if (value > largest) {
			throw FrameTooLongException.beyondLengthField(content.length,
					(int) Math.max(0, largest + this.framing.lengthAdjustment()));
		}
		return value;
	}

}
