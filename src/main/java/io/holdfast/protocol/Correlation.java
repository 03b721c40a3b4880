package io.holdfast.protocol;

/**
 * Where a request and its reply carry the same number. Places are bytes of the frame's
 * content, as it is delivered: without what the framing strips.
 *
 * @param offset bytes before the number in a request, at least 0
 * @param size bytes of the number, 1 to 8
 * @param replyOffset bytes before the number in a reply, at least 0
 */
public record Correlation(int offset, int size, int replyOffset) {

	private static final int MAX_SIZE = Long.BYTES;

	public Correlation {
		requireNotNegative("offset", offset);
		if (size < 1 || size > MAX_SIZE) {
			throw new IllegalArgumentException("size is " + size + "; must be from 1 to " + MAX_SIZE);
		}
		requireNotNegative("reply-offset", replyOffset);
	}

	private static void requireNotNegative(String key, int value) {
		if (value < 0) {
			throw new IllegalArgumentException(key + " is " + value + "; must be at least 0");
		}
	}

}
