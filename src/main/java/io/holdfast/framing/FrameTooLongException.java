package io.holdfast.framing;

/**
 * A frame is longer than {@code max-frame} allows, or than its length field can tell.
 */
public final class FrameTooLongException extends FramingException {

	private static final long serialVersionUID = 1L;

	private final long length;

	private final int max;

	private FrameTooLongException(String message, long length, int max) {
		super(message);
		this.length = length;
		this.max = max;
	}

	static FrameTooLongException of(long length, int max) {
		return new FrameTooLongException("frame of " + length + " bytes exceeds max-frame of " + max + " bytes", length,
				max);
	}

	static FrameTooLongException withoutEnd(long length, int max) {
		return new FrameTooLongException(
				"no end of the frame within " + length + " bytes exceeds max-frame of " + max + " bytes", length, max);
	}

	static FrameTooLongException beyondLengthField(long length, int max) {
		return new FrameTooLongException(
				"frame of " + length + " bytes does not fit its length field, which can tell " + max, length, max);
	}

	/**
	 * Bytes of the frame, as announced or as seen so far.
	 */
	public long length() {
		return this.length;
	}

	/**
	 * Bytes that would have been allowed.
	 */
	public int max() {
		return this.max;
	}

}
