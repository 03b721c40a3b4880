package io.holdfast.framing;

import java.io.Serial;

/**
 * A frame is longer than it may be.
 */
public final class FrameTooLongException extends FramingException {

	@Serial
	private static final long serialVersionUID = 1L;

	private final long length;

	private final int max;

	/**
	 * A frame that is longer than {@code max-frame}.
	 * @param length bytes of its content
	 * @param max most bytes allowed
	 */
	public FrameTooLongException(long length, int max) {
		this("frame of " + length + " bytes exceeds max-frame of " + max + " bytes", length, max);
	}

	private FrameTooLongException(String message, long length, int max) {
		super(message);
		this.length = length;
		this.max = max;
	}

	static FrameTooLongException unterminated(int max) {
		return new FrameTooLongException("more than " + max + " bytes without a terminator exceed max-frame", max + 1L,
				max);
	}

	static FrameTooLongException beyondLengthField(long length, int max) {
		return new FrameTooLongException(
				"frame of " + length + " bytes exceeds the " + max + " bytes that its length field can announce",
				length, max);
	}

	/**
	 * Bytes of the frame's content, as far as they are known: at least so many when its
	 * end has not been seen.
	 */
	public long length() {
		return this.length;
	}

	/**
	 * Most bytes that the content might have had.
	 */
	public int max() {
		return this.max;
	}

}
