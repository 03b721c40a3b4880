package io.holdfast.framing;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Reads frames that have the same byte before and after them. Flags are taken off the
 * input as soon as they arrive, so an idle connection keeps no bytes.
 */
final class FlagReader implements FrameReader {

	private final byte flag;

	private final ContentScan scan;

	private boolean inStep;

	FlagReader(byte flag, int maxFrame) {
		this.flag = flag;
		this.scan = new ContentScan(flag, maxFrame);
	}

	@Override
	public byte @Nullable [] next(ByteBuf in) {
		while (in.isReadable()) {
			byte first = in.getByte(in.readerIndex());
			if (first != this.flag) {
				if (!this.inStep) {
					throw Delimiter.unexpected(this.flag, first);
				}
				return this.scan.take(in, 0);
			}
			in.skipBytes(1);
			this.inStep = true;
		}
		return null;
	}

}
