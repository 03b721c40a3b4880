package io.holdfast.framing;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Reads frames that end with a byte and may begin with another one.
 */
final class DelimiterReader implements FrameReader {

	private final boolean hasStart;

	private final byte start;

	private final ContentScan scan;

	DelimiterReader(@Nullable Byte start, byte end, int maxFrame) {
		this.hasStart = start != null;
		this.start = (start != null) ? start : 0;
		this.scan = new ContentScan(end, maxFrame);
	}

	@Override
	public byte @Nullable [] next(ByteBuf in) {
		if (!in.isReadable()) {
			return null;
		}
		if (!this.hasStart) {
			return this.scan.take(in, 0);
		}
		byte first = in.getByte(in.readerIndex());
		if (first != this.start) {
			throw Delimiter.unexpected(this.start, first);
		}
		return this.scan.take(in, 1);
	}

}
