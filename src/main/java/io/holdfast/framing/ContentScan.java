package io.holdfast.framing;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Finds the byte that ends a content. It remembers how many unread bytes do not contain
 * it, so a frame that arrives byte by byte is scanned once. Belongs to one reader.
 */
final class ContentScan {

	private final byte end;

	private final int maxFrame;

	private int scanned;

	ContentScan(byte end, int maxFrame) {
		this.end = end;
		this.maxFrame = maxFrame;
	}

	/**
	 * Takes what is before the end off {@code in}, and the end with it.
	 * @param skipped bytes at the head of {@code in} that are not a part of the content
	 */
	byte @Nullable [] take(ByteBuf in, int skipped) {
		int start = in.readerIndex() + skipped;
		// not beyond the longest frame: too long is known there, wherever it may end
		int limit = (int) Math.min(in.writerIndex(), start + this.maxFrame + 1L);
		int found = in.indexOf(start + this.scanned, limit, this.end);
		if (found < 0) {
			this.scanned = limit - start;
			if (this.scanned > this.maxFrame) {
				throw FrameTooLongException.unterminated(this.maxFrame);
			}
			return null;
		}
		var content = new byte[found - start];
		in.skipBytes(skipped).readBytes(content).skipBytes(1);
		this.scanned = 0;
		return content;
	}

}
