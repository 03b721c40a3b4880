package io.holdfast.framing;

import io.holdfast.framing.Line.Ending;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Reads lines. It remembers how many unread bytes hold no ending, so a line that arrives
 * byte by byte is scanned once.
 */
final class LineReader implements FrameReader {

	private final boolean returnNeeded;

	private final boolean returnRemoved;

	private final int maxFrame;

	private int scanned;

	LineReader(Line framing) {
		this.returnNeeded = framing.ending() == Ending.CRLF;
		this.returnRemoved = framing.ending() != Ending.LF;
		this.maxFrame = framing.maxFrame();
	}

	@Override
	public byte @Nullable [] next(ByteBuf in) {
		int start = in.readerIndex();
		// not beyond the longest frame: too long is known there, wherever it may end
		int end = (int) Math.min(in.writerIndex(), start + this.maxFrame + 2L);
		int feed = in.indexOf(start + this.scanned, end, (byte) '\n');
		while (feed >= 0) {
			boolean afterReturn = this.returnRemoved && feed > start && in.getByte(feed - 1) == '\r';
			if (afterReturn || !this.returnNeeded) {
				return line(in, feed - start, afterReturn ? 1 : 0);
			}
			feed = in.indexOf(feed + 1, end, (byte) '\n');
		}
		this.scanned = end - start;
		requireRoomForMore(in);
		return null;
	}

	private byte[] line(ByteBuf in, int beforeFeed, int returns) {
		int length = beforeFeed - returns;
		if (length > this.maxFrame) {
			throw new FrameTooLongException(length, this.maxFrame);
		}
		var content = new byte[length];
		in.readBytes(content).skipBytes(returns + 1);
		this.scanned = 0;
		return content;
	}

	private void requireRoomForMore(ByteBuf in) {
		int content = in.readableBytes();
		if (content > this.maxFrame && this.returnRemoved && in.getByte(in.writerIndex() - 1) == '\r') {
			// it may belong to the ending
			content--;
		}
		if (content > this.maxFrame) {
			throw FrameTooLongException.unterminated(this.maxFrame);
		}
	}

}
