package io.holdfast.protocol;

import org.jspecify.annotations.Nullable;

import org.springframework.util.unit.DataSize;

/**
 * Settings of where a peer says who it is: at a fixed place, or wherever a pattern finds
 * it. Every key may be absent here, because a protocol takes what it lacks from the one
 * that it extends.
 *
 * @param offset bytes of the content before the identity; 0 by default
 * @param size bytes of the identity, 1 to 64; required unless there is a pattern
 * @param encoding how the bytes are shown; ascii by default
 * @param pattern regular expression of RE2 with one group, which is the identity; looked
 * for in the content, one character for each byte (ISO-8859-1); in place of the other
 * keys
 * @param maxScan bytes at the head of the content in which the pattern is looked for, 1B
 * to 16KB; 512B by default; beside pattern
 */
public record IdentitySettings(@Nullable Integer offset, @Nullable Integer size, @Nullable Encoding encoding,
		@Nullable String pattern, @Nullable DataSize maxScan) {

	/**
	 * Lays these settings over those of the parent, key by key. A pattern and a place
	 * replace each other.
	 */
	IdentitySettings over(IdentitySettings base) {
		if ((hasPlace() && base.pattern != null) || (this.pattern != null && base.hasPlace())) {
			return this;
		}
		return new IdentitySettings(or(this.offset, base.offset), or(this.size, base.size),
				or(this.encoding, base.encoding), or(this.pattern, base.pattern), or(this.maxScan, base.maxScan));
	}

	/** Whether any key of a place is given. */
	boolean hasPlace() {
		return this.offset != null || this.size != null || this.encoding != null;
	}

	private static <T> @Nullable T or(@Nullable T own, @Nullable T inherited) {
		return (own != null) ? own : inherited;
	}

	/**
	 * How the bytes of an identity are shown.
	 */
	public enum Encoding {

		/** As characters, without spaces and zeros around them. */
		ASCII,

		/** As two hex digits for each byte. */
		HEX,

		/** As two decimal digits for each byte; a filler of f at the end is left out. */
		BCD

	}

}
