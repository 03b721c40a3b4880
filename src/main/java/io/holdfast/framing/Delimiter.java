package io.holdfast.framing;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Frames that end with a byte and may begin with one, delivered without both.
 * <p>
 * Without a start, or with one that differs from the end (STX and ETX), every end
 * completes a frame, be it empty, and a frame that does not begin with the start is
 * malformed.
 * <p>
 * A start that equals the end is a flag between frames, as in HDLC and PPP (RFC 1662,
 * section 3.1): one is enough between two frames, and any number of them is idle fill
 * between frames, never an empty frame. So {@code 7e A 7e 7e B 7e} is A and B, and so is
 * {@code 7e A 7e B 7e}: after a lost or a surplus flag the very next frame is whole
 * again. Only the first byte of a connection must be a flag, else it is malformed.
 *
 * @param start the byte before each frame, if there is one
 * @param end the byte after each frame
 * @param maxFrame most bytes between them
 */
public record Delimiter(@Nullable Byte start, byte end, int maxFrame) implements Framing {

	public Delimiter {
		Bounds.requireAtLeast(1, "max-frame", maxFrame);
	}

	@Override
	public FrameReader reader() {
		if (isFlag()) {
			return new FlagReader(this.end, this.maxFrame);
		}
		return new DelimiterReader(this.start, this.end, this.maxFrame);
	}

	/**
	 * A writer that puts start and end around the content and refuses one with an end
	 * inside: escaping is up to the protocol. Between flags, it refuses an empty content
	 * too.
	 */
	@Override
	public FrameWriter writer() {
		var end = new ReservedBytes(this.end);
		return writer(isFlag() ? (content) -> {
			ContentCheck.NOT_EMPTY.check(content);
			end.requireNoneIn(content);
		} : end::requireNoneIn);
	}

	@Override
	public FrameWriter trustingWriter() {
		return writer(ContentCheck.NONE);
	}

	private FrameWriter writer(ContentCheck check) {
		byte[] before = (this.start != null) ? new byte[] { this.start } : new byte[0];
		return new EnclosingWriter(before, new byte[] { this.end }, this.maxFrame, check);
	}

	@Override
	public boolean mayReplace(int offset, int size) {
		return false;
	}

	private boolean isFlag() {
		return this.start != null && this.start == this.end;
	}

	static MalformedFrameException unexpected(byte expected, byte found) {
		return new MalformedFrameException("expected 0x%02x to begin a frame, found 0x%02x".formatted(expected, found));
	}

}
