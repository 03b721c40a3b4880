package io.holdfast.framing;

import io.netty.buffer.ByteBuf;

/**
 * Looks for a byte and remembers how far it has looked, so that a frame that comes in
 * many pieces is looked through once. The memory is an offset from the reader index,
 * which stays right when the caller moves the bytes to another buffer.
 */
final class ScanningReader {

	private final byte wanted;

	private int scanned;

	ScanningReader(byte wanted) {
		this.wanted = wanted;
	}

	/**
	 * Where the wanted byte is, as an offset from the reader index, or -1.
	 */
	int find(ByteBuf in) {
		int from = in.readerIndex() + this.scanned;
		int at = in.indexOf(from, in.writerIndex(), this.wanted);
		if (at < 0) {
			this.scanned = in.readableBytes();
			return -1;
		}
		return at - in.readerIndex();
	}

	/** Goes on behind an offset that was found and is not the end. */
	void skipTo(int offset) {
		this.scanned = offset;
	}

	/** Begins a new frame. */
	void reset() {
		this.scanned = 0;
	}

}
