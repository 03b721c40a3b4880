package io.holdfast.framing;

/**
 * How frames are told apart in a stream of bytes. Immutable and shareable: connections
 * share the framing and its writer, each has a reader of its own.
 */
public sealed interface Framing permits LengthField, Varint, Line, Delimiter, Escaped, Fixed, Raw, EndOfStream {

	/**
	 * Most bytes of one frame's content, at least 1. More is refused in both directions,
	 * on input as soon as it can be known.
	 */
	int maxFrame();

	/**
	 * A reader for one connection and one direction. It may keep state between calls.
	 */
	FrameReader reader();

	/**
	 * A writer that any number of connections and threads may share.
	 */
	FrameWriter writer();

}
