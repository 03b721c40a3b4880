package io.holdfast.framing;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Reads frames with escapes between flags. Each byte is looked at once on arrival, so
 * that a wrong pair and a frame that is too long are known there; the pairs are resolved
 * when the frame is whole. Flags are taken off the input as soon as they arrive.
 */
final class EscapedReader implements FrameReader {

	private final Escaped framing;

	private final long longest;

	private boolean inStep;

	private int scanned;

	private int pairs;

	private boolean pairOpen;

	EscapedReader(Escaped framing) {
		this.framing = framing;
		this.longest = (long) framing.maxFrame() + framing.checksum().size();
	}

	@Override
	public byte @Nullable [] next(ByteBuf in) {
		if (this.scanned == 0 && !skipFlags(in)) {
			return null;
		}
		int first = in.readerIndex() + this.scanned;
		boolean whole = in.forEachByte(first, in.writerIndex() - first, this::belongsToFrame) >= 0;
		return whole ? frame(in) : null;
	}

	private boolean skipFlags(ByteBuf in) {
		while (in.isReadable()) {
			byte first = in.getByte(in.readerIndex());
			if (first != this.framing.flag()) {
				if (!this.inStep) {
					throw Delimiter.unexpected(this.framing.flag(), first);
				}
				return true;
			}
			in.skipBytes(1);
			this.inStep = true;
		}
		return false;
	}

	private boolean belongsToFrame(byte next) {
		if (this.pairOpen) {
			requireCode(next);
			this.pairOpen = false;
			this.pairs++;
		}
		else if (next == this.framing.flag()) {
			return false;
		}
		else {
			this.pairOpen = next == this.framing.escape();
		}
		this.scanned++;
		if (length() > this.longest) {
			throw FrameTooLongException.unterminated(this.framing.maxFrame());
		}
		return true;
	}

	/** Bytes so far, those of an open pair not counted before it is complete. */
	private int length() {
		return this.scanned - this.pairs - (this.pairOpen ? 1 : 0);
	}

	private void requireCode(byte code) {
		if (code != this.framing.flagAs() && code != this.framing.escapeAs()) {
			throw new MalformedFrameException("expected 0x%02x or 0x%02x after the escape 0x%02x, found 0x%02x"
				.formatted(this.framing.flagAs(), this.framing.escapeAs(), this.framing.escape(), code));
		}
	}

	private byte[] frame(ByteBuf in) {
		// at least one byte, so the checksum is there
		var content = new byte[length() - this.framing.checksum().size()];
		if (this.pairs == 0) {
			in.readBytes(content);
		}
		else {
			for (int i = 0; i < content.length; i++) {
				content[i] = resolved(in);
			}
		}
		if (this.framing.checksum() == Escaped.Checksum.XOR) {
			requireChecksum(Escaped.xor(content), resolved(in));
		}
		in.skipBytes(1);
		this.scanned = 0;
		this.pairs = 0;
		return content;
	}

	private byte resolved(ByteBuf in) {
		byte next = in.readByte();
		if (next != this.framing.escape()) {
			return next;
		}
		return (in.readByte() == this.framing.flagAs()) ? this.framing.flag() : this.framing.escape();
	}

	private static void requireChecksum(byte expected, byte found) {
		if (expected != found) {
			throw new MalformedFrameException("expected checksum 0x%02x, found 0x%02x".formatted(expected, found));
		}
	}

}
