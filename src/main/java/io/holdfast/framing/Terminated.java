package io.holdfast.framing;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Writes contents between a start, if there is one, and an end.
 */
final class Terminated implements FrameWriter {

	private final @Nullable Byte start;

	private final byte[] end;

	private final int maxFrame;

	Terminated(@Nullable Byte start, byte[] end, int maxFrame) {
		this.start = start;
		this.end = end;
		this.maxFrame = maxFrame;
	}

	@Override
	public int size(byte[] content) {
		Unchanged.check(content, this.maxFrame);
		return ((this.start != null) ? 1 : 0) + content.length + this.end.length;
	}

	@Override
	public void write(byte[] content, ByteBuf out) {
		if (this.start != null) {
			out.writeByte(this.start);
		}
		out.writeBytes(content).writeBytes(this.end);
	}

}
