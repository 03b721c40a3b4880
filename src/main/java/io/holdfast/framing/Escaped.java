package io.holdfast.framing;

import java.util.Objects;

/**
 * Frames between flags, in which bytes that would be mistaken are sent as two: the flag
 * as {@code escape flagAs}, the escape as {@code escape escapeAs}. Delivered without
 * flags and escapes. So SLIP (RFC 1055), HDLC and PPP (RFC 1662) and JT/T 808 keep any
 * bytes in a frame.
 * <p>
 * Flags are between frames, as {@link Delimiter} has it where start and end are equal:
 * one is enough, any number of them is idle fill and never an empty frame, and the first
 * byte of a connection must be one.
 *
 * @param flag the byte before and after each frame
 * @param escape the byte that begins a pair
 * @param flagAs what follows the escape in place of a flag
 * @param escapeAs what follows the escape in place of an escape
 * @param checksum what stands behind the content, escaped like it
 * @param maxFrame most bytes of the content as delivered, that is without escapes and
 * checksum
 */
public record Escaped(byte flag, byte escape, byte flagAs, byte escapeAs, Checksum checksum,
		int maxFrame) implements Framing {

	public Escaped {
		Objects.requireNonNull(checksum, "checksum is missing; must be none or xor");
		requireOther("escape", escape, "flag", flag);
		requireOther("flag-as", flagAs, "flag", flag);
		requireOther("escape-as", escapeAs, "flag", flag);
		requireOther("escape-as", escapeAs, "flag-as", flagAs);
		Bounds.requireAtLeast(1, "max-frame", maxFrame);
	}

	private static void requireOther(String key, byte value, String otherKey, byte other) {
		if (value == other) {
			throw new IllegalArgumentException("%s is %02x; must differ from %s".formatted(key, value, otherKey));
		}
	}

	@Override
	public FrameReader reader() {
		return new EscapedReader(this);
	}

	/**
	 * A writer that refuses an empty content without a checksum: two flags are no frame.
	 */
	@Override
	public FrameWriter writer() {
		return new EscapedWriter(this);
	}

	/**
	 * The bytes between the content and the flag that ends the frame. It is checked and
	 * taken off on input and put on on output.
	 */
	public enum Checksum {

		/** Nothing. */
		NONE,

		/** One byte: the exclusive or of all bytes of the content. */
		XOR;

		int size() {
			return switch (this) {
				case NONE -> 0;
				case XOR -> 1;
			};
		}

	}

	static byte xor(byte[] content) {
		byte sum = 0;
		for (byte each : content) {
			sum ^= each;
		}
		return sum;
	}

}
