package io.holdfast.framing;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Frames that announce the number of bytes after the length as an unsigned LEB128 number:
 * seven bits per byte, least significant first, the highest bit set on all bytes but the
 * last.
 * <p>
 * At the head of the frame it is protobuf's varint32 of at most 5 bytes, stripped on
 * input and written back on output. Behind other bytes it is MQTT's remaining length
 * (MQTT 3.1.1, section 2.2.3) of at most 4 bytes; then the content keeps all of the
 * header and is written as it is. A number that uses more bytes than it needs is accepted
 * within these bounds.
 *
 * @param lengthOffset bytes before the length; 1 for MQTT
 * @param maxFrame most bytes of the content as delivered
 */
public record Varint(int lengthOffset, int maxFrame) implements Framing {

	public Varint {
		Bounds.requireAtLeast(0, "length-offset", lengthOffset);
		Bounds.requireAtLeast(1, "max-frame", maxFrame);
		if (lengthOffset > 0) {
			Bounds.requireRoomForHeader(lengthOffset + 1L, maxFrame);
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
		return (this.lengthOffset > 0) ? new AsIsWriter(this.maxFrame, this::requireAnnounced)
				: new VarintWriter(this.maxFrame);
	}

	@Override
	public boolean mayReplace(int offset, int size) {
		int longest = VarintWriter.lengthSize(this.maxFrame);
		return this.lengthOffset == 0 || offset + size <= this.lengthOffset || offset >= this.lengthOffset + longest;
	}

	private void requireAnnounced(byte[] content) {
		int last = Math.min(content.length, this.lengthOffset + maxLengthSize());
		long value = 0;
		for (int i = this.lengthOffset; i < last; i++) {
			value |= (content[i] & 0x7FL) << (7 * (i - this.lengthOffset));
			if (content[i] >= 0) {
				Bounds.requireAnnounced(i + 1 + value, content);
				return;
			}
		}
		throw new MalformedFrameException("content has " + content.length + " bytes and no length that ends in them");
	}

	private byte @Nullable [] next(ByteBuf in) {
		int first = in.readerIndex() + this.lengthOffset;
		int available = Math.min(in.writerIndex() - first, maxLengthSize());
		long value = 0;
		for (int i = 0; i < available; i++) {
			byte digit = in.getByte(first + i);
			value |= (digit & 0x7FL) << (7 * i);
			if (digit >= 0) {
				return frame(in, value, i + 1);
			}
		}
		if (available == maxLengthSize()) {
			throw new MalformedFrameException("length has more than " + available + " bytes");
		}
		return null;
	}

	private int maxLengthSize() {
		return (this.lengthOffset > 0) ? 4 : 5;
	}

	private byte @Nullable [] frame(ByteBuf in, long value, int lengthSize) {
		if (value > 0xFFFF_FFFFL) {
			throw new MalformedFrameException("length is " + value + "; must fit in 32 bits");
		}
		int header = this.lengthOffset + lengthSize;
		int strip = (this.lengthOffset > 0) ? 0 : header;
		long length = header + value - strip;
		if (length > this.maxFrame) {
			throw new FrameTooLongException(length, this.maxFrame);
		}
		if (in.readableBytes() < strip + length) {
			return null;
		}
		in.skipBytes(strip);
		var content = new byte[(int) length];
		in.readBytes(content);
		return content;
	}

}
