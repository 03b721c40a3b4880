package io.holdfast.framing;

import java.util.Objects;

/**
 * Frames that are lines of text, delivered without what ends them. The encoding is of no
 * concern as long as the bytes of the ending mean nothing else in it, which holds for
 * ASCII, ISO 8859 and UTF-8.
 *
 * @param ending what ends a line
 * @param maxFrame most bytes of a line without its ending
 */
public record Line(Ending ending, int maxFrame) implements Framing {

	private static final byte[] NOTHING = {};

	public Line {
		Objects.requireNonNull(ending, "ending is missing; must be lf, crlf or any");
		Bounds.requireAtLeast(1, "max-frame", maxFrame);
	}

	@Override
	public FrameReader reader() {
		return new LineReader(this);
	}

	/**
	 * A writer that appends the ending and refuses a content that has a part of one
	 * inside. With {@link Ending#CRLF} and {@link Ending#ANY} that is a carriage return
	 * or a line feed, alone too, although {@link #reader()} takes some of them for
	 * content: many peers take either for an end.
	 */
	@Override
	public FrameWriter writer() {
		ReservedBytes reserved = switch (this.ending) {
			case LF -> new ReservedBytes((byte) '\n');
			case CRLF, ANY -> new ReservedBytes((byte) '\r', (byte) '\n');
		};
		return writer(reserved::requireNoneIn);
	}

	@Override
	public FrameWriter trustingWriter() {
		return writer(ContentCheck.NONE);
	}

	private FrameWriter writer(ContentCheck check) {
		return new EnclosingWriter(NOTHING, this.ending.written(), this.maxFrame, check);
	}

	@Override
	public boolean mayReplace(int offset, int size) {
		return false;
	}

	/**
	 * The bytes that end a line.
	 */
	public enum Ending {

		/**
		 * A line feed; a carriage return is content.
		 */
		LF,

		/**
		 * A carriage return and a line feed; either one alone is content.
		 */
		CRLF,

		/**
		 * A line feed, with one carriage return before it removed; a line feed alone is
		 * written.
		 */
		ANY;

		private byte[] written() {
			return switch (this) {
				case LF, ANY -> new byte[] { '\n' };
				case CRLF -> new byte[] { '\r', '\n' };
			};
		}

	}

}
