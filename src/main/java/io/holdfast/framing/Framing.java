package io.holdfast.framing;

/**
 * How frames are told apart in a stream of bytes. Immutable; one for any number of
 * connections.
 */
public sealed interface Framing permits LengthField, Varint, Line, Delimiter, Fixed, Raw, EndOfStream {

	/**
	 * Most bytes of one frame's content, at least 1.
	 */
	int maxFrame();

	/**
	 * A reader for one connection.
	 */
	FrameReader reader();

	/**
	 * The writer for all connections.
	 */
	FrameWriter writer();

	/**
	 * Refuses a {@code max-frame} that no frame would fit.
	 */
	static void checkMaxFrame(int maxFrame) {
		check(maxFrame >= 1, "max-frame", maxFrame, "at least 1 byte");
	}

	/**
	 * Refuses a value in the words of the settings.
	 */
	static void check(boolean holds, String key, Object value, String right) {
		if (!holds) {
			throw new IllegalArgumentException(key + " is " + value + "; must be " + right);
		}
	}

}
