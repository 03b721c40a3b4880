package io.holdfast.protocol;

import org.jspecify.annotations.Nullable;

/**
 * Settings of where a peer says who it is: at a fixed place, or wherever a pattern finds
 * it. Every key may be absent here, because a protocol takes what it lacks from the one
 * that it extends.
 *
 * @param offset bytes of the content before the identity; 0 by default
 * @param size bytes of the identity, 1 to 64; required unless there is a pattern
 * @param encoding how the bytes are shown; ascii by default
 * @param pattern regular expression with one group, which is the identity; looked for in
 * the content, one character for each byte (ISO-8859-1); in place of the other keys
 */
public record IdentitySettings(@Nullable Integer offset, @Nullable Integer size, @Nullable Encoding encoding,
		@Nullable String pattern) {

	/**
	 * Lays these settings over those of the parent, key by key. A pattern and a place
	 * replace each other.
	 */
	IdentitySettings over(IdentitySettings base) {
		if (this.pattern != null || base.pattern != null) {
			return this;
		}
		return new IdentitySettings((this.offset != null) ? this.offset : base.offset,
				(this.size != null) ? this.size : base.size, (this.encoding != null) ? this.encoding : base.encoding,
				null);
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
