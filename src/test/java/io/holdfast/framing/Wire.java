package io.holdfast.framing;

import java.util.ArrayList;
import java.util.List;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;

/**
 * One connection's input, read to the last frame after every chunk. Bytes are hexadecimal
 * text; blanks in it are for the eye.
 */
final class Wire implements AutoCloseable {

	private final FrameReader reader;

	private final boolean replacing;

	private final List<String> frames = new ArrayList<>();

	private ByteBuf unread = PooledByteBufAllocator.DEFAULT.buffer();

	private Wire(Framing framing, boolean replacing) {
		this.reader = framing.reader();
		this.replacing = replacing;
	}

	/**
	 * A wire whose chunks are appended to one buffer.
	 */
	static Wire appending(Framing framing) {
		return new Wire(framing, false);
	}

	/**
	 * A wire that moves the unread rest to the head of a new buffer before each chunk, as
	 * Netty's cumulation may.
	 */
	static Wire replacing(Framing framing) {
		return new Wire(framing, true);
	}

	/**
	 * The frames in a stream that arrives at once and then ends.
	 */
	static List<String> read(Framing framing, String stream) {
		try (var wire = appending(framing)) {
			return wire.receive(bytes(stream)).end().frames();
		}
	}

	static String write(Framing framing, String content) {
		return hex(write(framing, List.of(bytes(content))));
	}

	static String writeTrusting(Framing framing, String content) {
		return hex(write(framing.trustingWriter(), List.of(bytes(content))));
	}

	static byte[] write(Framing framing, List<byte[]> contents) {
		return write(framing.writer(), contents);
	}

	private static byte[] write(FrameWriter writer, List<byte[]> contents) {
		ByteBuf out = PooledByteBufAllocator.DEFAULT.buffer(1);
		try {
			for (byte[] content : contents) {
				int size = writer.size(content);
				int before = out.readableBytes();
				writer.write(content, out);
				if (out.readableBytes() - before != size) {
					throw new AssertionError(
							"wrote " + (out.readableBytes() - before) + " bytes and announced " + size);
				}
			}
			return ByteBufUtil.getBytes(out);
		}
		finally {
			out.release();
		}
	}

	static byte[] bytes(String hex) {
		return ByteBufUtil.decodeHexDump(hex.replace(" ", ""));
	}

	static String hex(byte[] bytes) {
		return ByteBufUtil.hexDump(bytes);
	}

	/**
	 * The stream in chunks of the given sizes, which start over when they are used up.
	 */
	Wire receive(byte[] stream, List<Integer> sizes) {
		int at = 0;
		for (int i = 0; at < stream.length; i++) {
			int size = Math.min(sizes.get(i % sizes.size()), stream.length - at);
			receive(stream, at, size);
			at += size;
		}
		return this;
	}

	Wire receive(byte[] chunk) {
		return receive(chunk, 0, chunk.length);
	}

	private Wire receive(byte[] stream, int at, int size) {
		if (this.replacing) {
			ByteBuf fresh = PooledByteBufAllocator.DEFAULT.buffer(this.unread.readableBytes() + size);
			fresh.writeBytes(this.unread);
			this.unread.release();
			this.unread = fresh;
		}
		this.unread.writeBytes(stream, at, size);
		for (byte[] frame = this.reader.next(this.unread); frame != null; frame = this.reader.next(this.unread)) {
			this.frames.add(hex(frame));
		}
		return this;
	}

	Wire end() {
		byte[] last = this.reader.last(this.unread);
		if (last != null) {
			this.frames.add(hex(last));
		}
		return this;
	}

	List<String> frames() {
		return this.frames;
	}

	int unreadBytes() {
		return this.unread.readableBytes();
	}

	@Override
	public void close() {
		this.unread.release();
	}

}
