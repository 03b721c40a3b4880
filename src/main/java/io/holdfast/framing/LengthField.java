package io.holdfast.framing;

import java.nio.ByteOrder;
import java.util.Objects;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Frames that announce their length in a field of fixed size, with the semantics of
 * Netty's {@code LengthFieldBasedFrameDecoder}: a whole frame has
 * {@code lengthOffset + lengthSize + value + lengthAdjustment} bytes. A length that
 * counts its own field, or all of the header, is a negative adjustment.
 * <p>
 * The header either stays in the content, which is then written as it is, its length left
 * alone; or the header is the length alone, is stripped on input and written back on
 * output.
 *
 * @param lengthOffset bytes before the length field
 * @param lengthSize bytes of the length field: 1, 2, 3, 4 or 8; unsigned up to 4
 * @param lengthAdjustment added to the length field's value
 * @param strip bytes removed from the head of the frame: 0, or {@code lengthSize} when
 * nothing is before the length field
 * @param byteOrder order of the length field's bytes
 * @param maxFrame most bytes of the content as delivered, that is without what is
 * stripped
 */
public record LengthField(int lengthOffset, int lengthSize, int lengthAdjustment, int strip, ByteOrder byteOrder,
		int maxFrame) implements Framing {

	public LengthField {
		Bounds.requireAtLeast(0, "length-offset", lengthOffset);
		if ((lengthSize < 1 || lengthSize > 4) && lengthSize != 8) {
			throw new IllegalArgumentException("length-size is " + lengthSize + "; must be 1, 2, 3, 4 or 8");
		}
		requireRestorable(strip, lengthOffset, lengthSize);
		Objects.requireNonNull(byteOrder, "byte-order is missing; must be big-endian or little-endian");
		Bounds.requireAtLeast(1, "max-frame", maxFrame);
		if (strip == 0) {
			Bounds.requireRoomForHeader((long) lengthOffset + lengthSize, maxFrame);
		}
	}

	private static void requireRestorable(int strip, int lengthOffset, int lengthSize) {
		Bounds.requireAtLeast(0, "strip", strip);
		long header = (long) lengthOffset + lengthSize;
		if (strip > header) {
			throw new IllegalArgumentException(
					"strip is " + strip + ", beyond the header of " + header + " bytes; must be 0 or length-size");
		}
		if (strip > 0 && lengthOffset > 0) {
			throw new IllegalArgumentException("strip is " + strip + " with length-offset " + lengthOffset
					+ "; must be 0, because the bytes before the length could not be written back");
		}
		if (strip > 0 && strip < lengthSize) {
			throw new IllegalArgumentException("strip is " + strip + " with length-size " + lengthSize
					+ "; must be 0 or " + lengthSize + ", because a part of the length could not be written back");
		}
	}

	@Override
	public FrameReader reader() {
		return this::next;
	}

	/**
	 * A writer that puts the length before the content, or refuses a content whose own
	 * header announces another length.
	 */
	@Override
	public FrameWriter writer() {
		return (this.strip == 0) ? new AsIsWriter(this.maxFrame, this::requireAnnounced) : new LengthFieldWriter(this);
	}

	@Override
	public boolean mayReplace(int offset, int size) {
		return this.strip > 0 || offset + size <= this.lengthOffset || offset >= this.lengthOffset + this.lengthSize;
	}

	private void requireAnnounced(byte[] content) {
		int header = this.lengthOffset + this.lengthSize;
		Bounds.requireHeader(header, content);
		Bounds.requireAnnounced(contentLength(header, value(content)), content);
	}

	private long value(byte[] content) {
		long value = 0;
		for (int i = 0; i < this.lengthSize; i++) {
			int place = (this.byteOrder == ByteOrder.BIG_ENDIAN) ? i : this.lengthSize - 1 - i;
			value = (value << Byte.SIZE) | (content[this.lengthOffset + place] & 0xff);
		}
		return value;
	}

	private byte @Nullable [] next(ByteBuf in) {
		int header = this.lengthOffset + this.lengthSize;
		if (in.readableBytes() < header) {
			return null;
		}
		long length = contentLength(header, value(in, in.readerIndex() + this.lengthOffset));
		if (in.readableBytes() < this.strip + length) {
			return null;
		}
		in.skipBytes(this.strip);
		var content = new byte[(int) length];
		in.readBytes(content);
		return content;
	}

	private long contentLength(int header, long value) {
		if (value < 0) {
			throw new MalformedFrameException("length field is " + value);
		}
		int kept = header - this.strip;
		long extra = (long) kept + this.lengthAdjustment;
		// a value of 8 bytes may be so large that the sum would wrap
		long length = (value > Long.MAX_VALUE - Math.max(0, extra)) ? Long.MAX_VALUE : value + extra;
		if (length < kept) {
			throw new MalformedFrameException("length field is " + value + ", with length-adjustment "
					+ this.lengthAdjustment + " less than nothing after the header");
		}
		if (length > this.maxFrame) {
			throw new FrameTooLongException(length, this.maxFrame);
		}
		return length;
	}

	private long value(ByteBuf in, int index) {
		boolean bigEndian = this.byteOrder == ByteOrder.BIG_ENDIAN;
		return switch (this.lengthSize) {
			case 1 -> in.getUnsignedByte(index);
			case 2 -> bigEndian ? in.getUnsignedShort(index) : in.getUnsignedShortLE(index);
			case 3 -> bigEndian ? in.getUnsignedMedium(index) : in.getUnsignedMediumLE(index);
			case 4 -> bigEndian ? in.getUnsignedInt(index) : in.getUnsignedIntLE(index);
			default -> bigEndian ? in.getLong(index) : in.getLongLE(index);
		};
	}

}
