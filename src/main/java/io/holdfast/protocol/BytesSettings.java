package io.holdfast.protocol;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.regex.Pattern;

import io.holdfast.framing.Framing;
import io.holdfast.framing.FramingException;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * Settings of some bytes, given in one of two ways; where it makes sense, of none.
 *
 * @param hex the bytes as pairs of hex digits in quotes; spaces are left out
 * @param text the bytes as text, which is sent as UTF-8
 */
public record BytesSettings(@Nullable String hex, @Nullable String text) {

	private static final Pattern HEX = Pattern.compile("([0-9a-fA-F]{2})*");

	public BytesSettings {
		check(hex, text, HEX, "such as \"00ff\"", "such as \"00ff\"");
	}

	/**
	 * Refuses what is not given in exactly one of the two ways, or not as it must be.
	 * @param pairs how hex must be written
	 * @param example what to give where nothing is
	 * @param form what to write where something else is
	 */
	static void check(@Nullable String hex, @Nullable String text, Pattern pairs, String example, String form) {
		if (hex == null && text == null) {
			throw new InvalidConfigurationPropertyValueException("hex", null,
					"is missing; give hex, " + example + ", or text");
		}
		if (hex != null && text != null) {
			throw new InvalidConfigurationPropertyValueException("text", text, "stands beside hex; give one of them");
		}
		// in quotes, always: YAML reads 0100 without quotes as the number 64
		if (hex != null && !pairs.matcher(compact(hex)).matches()) {
			throw new InvalidConfigurationPropertyValueException("hex", hex,
					"must be pairs of hex digits in quotes, " + form);
		}
	}

	/** As it stands in the settings. */
	@Nullable String given() {
		return (this.hex != null) ? this.hex : this.text;
	}

	/**
	 * The bytes, in an array of the caller's own.
	 */
	public byte[] bytes() {
		return (this.hex != null) ? HexFormat.of().parseHex(compact(this.hex))
				: String.valueOf(this.text).getBytes(StandardCharsets.UTF_8);
	}

	/**
	 * Refuses no bytes at all.
	 * @param key where these settings stand
	 */
	public void requireSome(String key) {
		if (bytes().length == 0) {
			throw new InvalidConfigurationPropertyValueException(key, given(), "is empty; give at least one byte");
		}
	}

	/**
	 * Refuses bytes that cannot be the content of a frame.
	 * @param key where these settings stand
	 * @param framing of the connections that they are to be sent on
	 */
	public void requireFits(String key, Framing framing) {
		try {
			framing.writer().size(bytes());
		}
		catch (FramingException ex) {
			throw new InvalidConfigurationPropertyValueException(key, given(),
					"cannot be sent as a frame of this protocol: " + ex.getMessage());
		}
	}

	static String compact(String hex) {
		return hex.replace(" ", "");
	}

}
