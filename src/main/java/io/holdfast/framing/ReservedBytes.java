package io.holdfast.framing;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * One or two bytes that a content must not have, because they end a frame. Looks at eight
 * bytes at once: {@code (x - 0x01..01) & ~x & 0x80..80} is zero unless one of the eight
 * bytes of x is zero.
 */
final class ReservedBytes {

	private static final VarHandle WORD = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

	private static final long LOW_BITS = 0x0101_0101_0101_0101L;

	private static final long HIGH_BITS = 0x8080_8080_8080_8080L;

	private final byte first;

	private final byte second;

	private final long firstWord;

	private final long secondWord;

	ReservedBytes(byte only) {
		this(only, only);
	}

	ReservedBytes(byte first, byte second) {
		this.first = first;
		this.second = second;
		this.firstWord = (first & 0xffL) * LOW_BITS;
		this.secondWord = (second & 0xffL) * LOW_BITS;
	}

	/**
	 * Refuses a content that has one of them.
	 */
	void requireNoneIn(byte[] content) {
		int at = 0;
		int words = content.length & -Long.BYTES;
		while (at < words && !isAnyIn((long) WORD.get(content, at))) {
			at += Long.BYTES;
		}
		for (; at < content.length; at++) {
			if (content[at] == this.first || content[at] == this.second) {
				throw new MalformedFrameException(
						"content has 0x%02x at byte %d, where a reader may end the frame".formatted(content[at], at));
			}
		}
	}

	private boolean isAnyIn(long word) {
		long ofFirst = word ^ this.firstWord;
		long ofSecond = word ^ this.secondWord;
		return ((((ofFirst - LOW_BITS) & ~ofFirst) | ((ofSecond - LOW_BITS) & ~ofSecond)) & HIGH_BITS) != 0;
	}

}
