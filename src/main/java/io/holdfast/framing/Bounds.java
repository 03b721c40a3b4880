package io.holdfast.framing;

/**
 * The bounds that framings have in common.
 */
final class Bounds {

	private Bounds() {
	}

	static void requireAtLeast(int least, String key, int value) {
		if (value < least) {
			throw new IllegalArgumentException(key + " is " + value + "; must be at least " + least);
		}
	}

	static void requireRoomForHeader(long header, int maxFrame) {
		if (maxFrame < header) {
			throw new IllegalArgumentException("max-frame is " + maxFrame + "; must be at least " + header
					+ ", because the header is a part of the frame");
		}
	}

	static void requireHeader(int header, byte[] content) {
		if (content.length < header) {
			throw new MalformedFrameException(
					"content has " + content.length + " bytes; must have at least a header of " + header);
		}
	}

	static void requireAnnounced(long announced, byte[] content) {
		if (announced != content.length) {
			throw new MalformedFrameException(
					"content has " + content.length + " bytes, and its header announces " + announced);
		}
	}

	static void requireFits(byte[] content, int maxFrame) {
		if (content.length > maxFrame) {
			throw new FrameTooLongException(content.length, maxFrame);
		}
	}

}
