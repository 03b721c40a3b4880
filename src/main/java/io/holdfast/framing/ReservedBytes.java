package io.holdfast.framing;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * One or two bytes that a content must not have, because they end a frame.
 * <p>
 * Looks at eight bytes at once: {@code (x - n) & ~x} has the highest bit of some byte set
 * if any byte of x is below n, for n up to 128 in each byte; with n of 1 that tells
 * whether any byte of {@code x} is 0, and so whether any of {@code x ^ b} is b. Most
 * contents are told by the former alone, at 32 bytes a step: ends are control characters,
 * and text has none.
 */
final class ReservedBytes {

	private static final VarHandle WORD = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

	private static final long LOW_BITS = 0x0101_0101_0101_0101L;

	private static final long HIGH_BITS = 0x8080_8080_8080_8080L;

	private static final int BLOCK = 4 * Long.BYTES;

	private final byte first;

	private final byte second;

	private final long firstWord;

	private final long secondWord;

	/** Above both bytes, or 128 in each byte if one of them is not below that. */
	private final long limit;

	ReservedBytes(byte only) {
		this(only, only);
	}

	ReservedBytes(byte first, byte second) {
		this.first = first;
		this.second = second;
		this.firstWord = (first & 0xffL) * LOW_BITS;
		this.secondWord = (second & 0xffL) * LOW_BITS;
		this.limit = Math.min(0x80L, 1L + Math.max(first & 0xff, second & 0xff)) * LOW_BITS;
	}

	/**
	 * Refuses a content that has one of them.
	 */
	void requireNoneIn(byte[] content) {
		int at = 0;
		if (this.first >= 0 && this.second >= 0) {
			int blocks = content.length & -BLOCK;
			while (at < blocks && !(isAnyBelowLimit(content, at) && isAnyInBlock(content, at))) {
				at += BLOCK;
			}
		}
		int words = content.length & -Long.BYTES;
		while (at < words && !isAnyInWord(content, at)) {
			at += Long.BYTES;
		}
		for (; at < content.length; at++) {
			if (content[at] == this.first || content[at] == this.second) {
				throw new MalformedFrameException(
						"content has 0x%02x at byte %d, where a reader may end the frame".formatted(content[at], at));
			}
		}
	}

	private boolean isAnyBelowLimit(byte[] content, int at) {
		long one = (long) WORD.get(content, at);
		long two = (long) WORD.get(content, at + Long.BYTES);
		long three = (long) WORD.get(content, at + 2 * Long.BYTES);
		long four = (long) WORD.get(content, at + 3 * Long.BYTES);
		long below = ((one - this.limit) & ~one) | ((two - this.limit) & ~two) | ((three - this.limit) & ~three)
				| ((four - this.limit) & ~four);
		return (below & HIGH_BITS) != 0;
	}

	private boolean isAnyInBlock(byte[] content, int at) {
		return isAnyInWord(content, at) || isAnyInWord(content, at + Long.BYTES)
				|| isAnyInWord(content, at + 2 * Long.BYTES) || isAnyInWord(content, at + 3 * Long.BYTES);
	}

	private boolean isAnyInWord(byte[] content, int at) {
		long word = (long) WORD.get(content, at);
		long ofFirst = word ^ this.firstWord;
		long ofSecond = word ^ this.secondWord;
		return ((((ofFirst - LOW_BITS) & ~ofFirst) | ((ofSecond - LOW_BITS) & ~ofSecond)) & HIGH_BITS) != 0;
	}

}
