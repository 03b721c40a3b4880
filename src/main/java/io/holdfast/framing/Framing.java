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
	 * A writer that any number of connections and threads may share. It refuses what this
	 * framing would not read back as one frame.
	 */
	FrameWriter writer();

	/**
	 * A writer like {@link #writer()} that does not look for ends of frames in contents,
	 * as Spring Integration's own serializers do not: an application may then send
	 * several frames as one content, and is trusted to send nothing of a peer's unseen.
	 */
	default FrameWriter trustingWriter() {
		return writer();
	}

	/**
	 * Whether these bytes of a content may be replaced by any others and the content can
	 * still be framed, as is done with numbers that correlate requests and replies.
	 * @param offset bytes of the content before them
	 * @param size how many they are
	 */
	default boolean mayReplace(int offset, int size) {
		return true;
	}

}
