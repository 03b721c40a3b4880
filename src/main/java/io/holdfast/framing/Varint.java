package io.holdfast.framing;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Frames whose length is a little-endian base-128 number. At offset 0 (Protocol Buffers'
 * delimited messages, at most 5 bytes) the number is removed and written back; behind
 * other bytes (MQTT's remaining length, MQTT 3.1.1 section 2.2.3, at most 4 bytes) the
 * header is part of the content.
 *
 * @param lengthOffset bytes before the length
 * @param maxFrame most bytes of the content
 */
public record Varint(int lengthOffset, int maxFrame) implements Framing {

	private static final int PAYLOAD_BITS = 7;

	private static final int CONTINUES = 0x80;

	private static final int PAYLOAD = 0x7f;

	public Varint {
		Framing.check(lengthOffset >= 0, "length-offset", lengthOffset, "0 or more bytes");
		Framing.checkMaxFrame(maxFrame);
	}

	@Override
	public FrameReader reader() {
		return this::next;
	}

	private byte @Nullable [] next(ByteBuf in) {
		int most = (this.lengthOffset == 0) ? 5 : 4;
		int available = in.readableBytes() - this.lengthOffset;
		long value = 0;
		for (int i = 0; i < most; i++) {
			if (i >= available) {
				return null;
			}
			int part = in.getByte(in.readerIndex() + this.lengthOffset + i);
			value |= (long) (part & PAYLOAD) << (PAYLOAD_BITS * i);
			if ((part & CONTINUES) == 0) {
				return content(in, i + 1, value);
			}
		}
		throw new MalformedFrameException("length has more than " + most + " bytes");
	}

	private byte @Nullable [] content(ByteBuf in, int lengthBytes, long value) {
		int header = this.lengthOffset + lengthBytes;
		long content = (this.lengthOffset == 0) ? value : header + value;
		if (content > this.maxFrame) {
			throw FrameTooLongException.of(content, this.maxFrame);
		}
		if (in.readableBytes() < header + value) {
			return null;
		}
		if (this.lengthOffset == 0) {
			in.skipBytes(header);
		}
		return FrameReader.take(in, (int) content);
	}

	@Override
	public FrameWriter writer() {
		return (this.lengthOffset == 0) ? new Prefixed(this.maxFrame) : new Unchanged(this.maxFrame);
	}

	private record Prefixed(int maxFrame) implements FrameWriter {

		@Override
		public int size(byte[] content) {
			Unchanged.check(content, this.maxFrame);
			int size = 1;
			for (int rest = content.length >>> PAYLOAD_BITS; rest != 0; rest >>>= PAYLOAD_BITS) {
				size++;
			}
			return size + content.length;
		}

		@Override
		public void write(byte[] content, ByteBuf out) {
			int rest = content.length;
			while (rest > PAYLOAD) {
				out.writeByte((rest & PAYLOAD) | CONTINUES);
				rest >>>= PAYLOAD_BITS;
			}
			out.writeByte(rest);
			out.writeBytes(content);
		}

	}

}
