package io.holdfast.framing;

import java.nio.ByteOrder;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Frames with a length field: the whole frame has {@code lengthOffset + lengthSize +
 * value + lengthAdjustment} bytes. A field that counts itself has the negative
 * adjustment. The field is unsigned; only one of 8 bytes can be negative, which is
 * malformed.
 *
 * @param lengthOffset bytes before the length field
 * @param lengthSize bytes of the length field: 1, 2, 3, 4 or 8
 * @param lengthAdjustment added to the field's value
 * @param strip bytes removed from the head of the frame and written back on output: the
 * length field, where nothing comes before it; or 0, and the header is part of the
 * content
 * @param byteOrder of the length field
 * @param maxFrame most bytes of the content
 */
public record LengthField(int lengthOffset, int lengthSize, int lengthAdjustment, int strip, ByteOrder byteOrder,
		int maxFrame) implements Framing {

	private static final int LONG = 8;

	public LengthField {
		Framing.check(lengthOffset >= 0, "length-offset", lengthOffset, "0 or more bytes");
		Framing.check((lengthSize >= 1 && lengthSize <= 4) || lengthSize == LONG, "length-size", lengthSize,
				"1, 2, 3, 4 or 8");
		int header = lengthOffset + lengthSize;
		Framing.check(strip >= 0 && strip <= header, "strip", strip, "between 0 and the header's " + header + " bytes");
		Framing.check(strip == 0 || (lengthOffset == 0 && strip == lengthSize), "strip", strip,
				"0, which keeps the header in the content, or exactly a length field that begins the frame: other bytes "
						+ "could not be written back");
		Framing.check(lengthAdjustment > -(1 << 20) && lengthAdjustment < (1 << 20), "length-adjustment",
				lengthAdjustment, "within 1 MB either way");
		Framing.checkMaxFrame(maxFrame);
	}

	@Override
	public FrameReader reader() {
		return this::next;
	}

	private byte @Nullable [] next(ByteBuf in) {
		int header = this.lengthOffset + this.lengthSize;
		if (in.readableBytes() < header) {
			return null;
		}
		long value = value(in);
		if (value > Integer.MAX_VALUE) {
			throw FrameTooLongException.of(value, this.maxFrame);
		}
		long frame = header + value + this.lengthAdjustment;
		if (frame < header) {
			throw new MalformedFrameException("length field is " + value + ", which ends the frame " + (header - frame)
					+ " bytes before the end of its header");
		}
		long content = frame - this.strip;
		if (content > this.maxFrame) {
			throw FrameTooLongException.of(content, this.maxFrame);
		}
		if (in.readableBytes() < frame) {
			return null;
		}
		in.skipBytes(this.strip);
		return FrameReader.take(in, (int) content);
	}

	private long value(ByteBuf in) {
		int at = in.readerIndex() + this.lengthOffset;
		boolean big = this.byteOrder == ByteOrder.BIG_ENDIAN;
		return switch (this.lengthSize) {
			case 1 -> in.getUnsignedByte(at);
			case 2 -> big ? in.getUnsignedShort(at) : in.getUnsignedShortLE(at);
			case 3 -> big ? in.getUnsignedMedium(at) : in.getUnsignedMediumLE(at);
			case 4 -> big ? in.getUnsignedInt(at) : in.getUnsignedIntLE(at);
			default -> longValue(big ? in.getLong(at) : in.getLongLE(at));
		};
	}

	private static long longValue(long value) {
		if (value < 0) {
			throw new MalformedFrameException("length field is " + value);
		}
		return value;
	}

	@Override
	public FrameWriter writer() {
		return (this.strip == 0) ? new Unchanged(this.maxFrame) : new Prefixed(this);
	}

	private long largestValue() {
		return (this.lengthSize >= 4) ? Integer.MAX_VALUE : (1L << (Byte.SIZE * this.lengthSize)) - 1;
	}

	/** Writes the length field before the content. */
	private record Prefixed(LengthField framing) implements FrameWriter {

		@Override
		public int size(byte[] content) {
			Unchanged.check(content, this.framing.maxFrame);
			long value = (long) content.length - this.framing.lengthAdjustment;
			if (value > this.framing.largestValue()) {
				throw FrameTooLongException.beyondLengthField(value, (int) this.framing.largestValue());
			}
			if (value < 0) {
				throw new MalformedFrameException("content of " + content.length
						+ " bytes is shorter than length-adjustment allows, which is " + this.framing.lengthAdjustment);
			}
			return this.framing.lengthSize + content.length;
		}

		@Override
		public void write(byte[] content, ByteBuf out) {
			int value = content.length - this.framing.lengthAdjustment;
			boolean big = this.framing.byteOrder == ByteOrder.BIG_ENDIAN;
			switch (this.framing.lengthSize) {
				case 1 -> out.writeByte(value);
				case 2 -> out.writeShort(big ? value : Short.reverseBytes((short) value));
				case 3 -> {
					if (big) {
						out.writeMedium(value);
					}
					else {
						out.writeMediumLE(value);
					}
				}
				case 4 -> out.writeInt(big ? value : Integer.reverseBytes(value));
				default -> out.writeLong(big ? value : Long.reverseBytes(value));
			}
			out.writeBytes(content);
		}

	}

}
