package io.holdfast.framing;

/**
 * Refuses contents that would not be read back as the one frame that they are written as.
 * Lengths beyond {@code max-frame} have been refused before.
 */
@FunctionalInterface
interface ContentCheck {

	/** Takes every content. */
	ContentCheck NONE = (content) -> {
	};

	/** Refuses a content that nothing would be sent for. */
	ContentCheck NOT_EMPTY = (content) -> {
		if (content.length == 0) {
			throw new MalformedFrameException("content is empty, which is no frame here");
		}
	};

	/**
	 * Checks one content.
	 * @throws FramingException if it is refused
	 */
	void check(byte[] content);

}
