package io.holdfast.protocol;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import io.holdfast.framing.Escaped;
import io.holdfast.framing.Line;
import org.jspecify.annotations.Nullable;

import org.springframework.util.unit.DataSize;

/**
 * Settings of a framing. Every key may be absent here, because a protocol takes what it
 * lacks from the one that it extends; {@link FramingReader} knows the defaults.
 *
 * @param type how frames are told apart; required, or inherited
 * @param lengthOffset bytes before the length field; 0 by default; for length-field and
 * varint
 * @param lengthSize bytes of the length field: 1, 2, 3, 4 or 8; required for length-field
 * @param lengthAdjustment added to the value of the length field to get the bytes that
 * follow it; 0 by default; for length-field
 * @param strip bytes removed from the head of the frame: the length-size where the length
 * field begins the frame, or 0, the default, which keeps the header in the payload; for
 * length-field
 * @param byteOrder order of the bytes in the length field; big-endian by default; for
 * length-field
 * @param maxFrame most bytes of the payload; a larger one closes the connection as
 * frame-too-long; 64KB by default; for every type but fixed
 * @param ending line break that ends a frame; any by default; for line
 * @param start first byte of a frame as two hex digits in quotes; none by default; for
 * delimiter
 * @param end last byte of a frame as two hex digits in quotes; required for delimiter
 * @param length bytes of every frame; required for fixed
 * @param flag byte before and after each frame as two hex digits in quotes; required for
 * escaped
 * @param escape byte that begins a pair inside a frame as two hex digits in quotes;
 * required for escaped
 * @param flagAs what follows the escape in place of a flag as two hex digits in quotes;
 * required for escaped
 * @param escapeAs what follows the escape in place of an escape as two hex digits in
 * quotes; required for escaped
 * @param checksum what stands behind the payload, checked and taken off on input and put
 * on on output; none by default; for escaped
 */
public record FramingSettings(@Nullable Type type, @Nullable Integer lengthOffset, @Nullable Integer lengthSize,
		@Nullable Integer lengthAdjustment, @Nullable Integer strip, @Nullable ByteOrder byteOrder,
		@Nullable DataSize maxFrame, Line.@Nullable Ending ending, @Nullable String start, @Nullable String end,
		@Nullable Integer length, @Nullable String flag, @Nullable String escape, @Nullable String flagAs,
		@Nullable String escapeAs, Escaped.@Nullable Checksum checksum) {

	/**
	 * Lays these settings over those of the parent, key by key. Another type is another
	 * framing: then nothing of the parent is kept, since its keys would make no sense.
	 */
	FramingSettings over(FramingSettings base) {
		if (this.type != null && this.type != base.type) {
			return this;
		}
		return new FramingSettings(base.type, or(this.lengthOffset, base.lengthOffset),
				or(this.lengthSize, base.lengthSize), or(this.lengthAdjustment, base.lengthAdjustment),
				or(this.strip, base.strip), or(this.byteOrder, base.byteOrder), or(this.maxFrame, base.maxFrame),
				or(this.ending, base.ending), or(this.start, base.start), or(this.end, base.end),
				or(this.length, base.length), or(this.flag, base.flag), or(this.escape, base.escape),
				or(this.flagAs, base.flagAs), or(this.escapeAs, base.escapeAs), or(this.checksum, base.checksum));
	}

	private static <T> @Nullable T or(@Nullable T own, @Nullable T inherited) {
		return (own != null) ? own : inherited;
	}

	/**
	 * Which keys beside the type were given.
	 * @return keys and values in the order of the record
	 */
	Map<String, Object> given() {
		Map<String, Object> given = new LinkedHashMap<>();
		put(given, "length-offset", this.lengthOffset);
		put(given, "length-size", this.lengthSize);
		put(given, "length-adjustment", this.lengthAdjustment);
		put(given, "strip", this.strip);
		put(given, "byte-order", this.byteOrder);
		put(given, "max-frame", this.maxFrame);
		put(given, "ending", this.ending);
		put(given, "start", this.start);
		put(given, "end", this.end);
		put(given, "length", this.length);
		put(given, "flag", this.flag);
		put(given, "escape", this.escape);
		put(given, "flag-as", this.flagAs);
		put(given, "escape-as", this.escapeAs);
		put(given, "checksum", this.checksum);
		return given;
	}

	private static void put(Map<String, Object> given, String key, @Nullable Object value) {
		if (value != null) {
			given.put(key, value);
		}
	}

	/**
	 * How frames are told apart, and the keys that go with it.
	 */
	public enum Type {

		/** A binary length of fixed size heads each frame. */
		LENGTH_FIELD,

		/** A length of seven bits a byte heads each frame. */
		VARINT,

		/** A line break ends each frame. */
		LINE,

		/** One byte ends each frame, and one may start it. */
		DELIMITER,

		/** A flag stands between frames, and inside them two bytes stand for it. */
		ESCAPED,

		/** Every frame is as long as every other. */
		FIXED,

		/** Whatever has arrived is a frame. */
		RAW;

		List<String> keys() {
			return switch (this) {
				case LENGTH_FIELD ->
					List.of("length-offset", "length-size", "length-adjustment", "strip", "byte-order", "max-frame");
				case VARINT -> List.of("length-offset", "max-frame");
				case LINE -> List.of("ending", "max-frame");
				case DELIMITER -> List.of("start", "end", "max-frame");
				case ESCAPED -> List.of("flag", "escape", "flag-as", "escape-as", "checksum", "max-frame");
				case FIXED -> List.of("length");
				case RAW -> List.of("max-frame");
			};
		}

		@Override
		public String toString() {
			return name().toLowerCase(Locale.ROOT).replace('_', '-');
		}

	}

	/**
	 * Order of the bytes in a number.
	 */
	public enum ByteOrder {

		/** The most significant byte first. */
		BIG_ENDIAN,

		/** The least significant byte first. */
		LITTLE_ENDIAN

	}

}
