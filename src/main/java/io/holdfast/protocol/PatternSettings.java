package io.holdfast.protocol;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * Settings of the bytes that a frame's content begins with, given in one of two ways. No
 * bytes at all stand for the empty content, and for no other.
 *
 * @param hex the bytes as pairs of hex digits in quotes, ?? for any byte; spaces are left
 * out
 * @param text the bytes as text, compared as UTF-8
 */
public record PatternSettings(@Nullable String hex, @Nullable String text) {

	private static final String ANY = "??";

	private static final Pattern HEX = Pattern.compile("([0-9a-fA-F]{2}|\\?\\?)*");

	public PatternSettings {
		BytesSettings.check(hex, text, HEX, "such as \"02??ff\" where ?? is any byte",
				"with ?? for any byte, such as \"02??ff\"");
		if (hex != null && !hex.isBlank() && BytesSettings.compact(hex).chars().allMatch((digit) -> digit == '?')) {
			throw new InvalidConfigurationPropertyValueException("hex", hex,
					"would match every frame; give at least one byte that tells it from others");
		}
	}

	BytePattern pattern() {
		if (this.hex == null) {
			byte[] bytes = String.valueOf(this.text).getBytes(StandardCharsets.UTF_8);
			return new BytePattern(bytes, new boolean[bytes.length]);
		}
		String digits = BytesSettings.compact(this.hex);
		byte[] bytes = new byte[digits.length() / 2];
		boolean[] any = new boolean[bytes.length];
		for (int i = 0; i < bytes.length; i++) {
			String pair = digits.substring(2 * i, 2 * i + 2);
			any[i] = pair.equals(ANY);
			bytes[i] = any[i] ? 0 : (byte) HexFormat.fromHexDigits(pair);
		}
		return new BytePattern(bytes, any);
	}

	/** As it stands in the settings. */
	@Nullable String given() {
		return (this.hex != null) ? this.hex : this.text;
	}

}
