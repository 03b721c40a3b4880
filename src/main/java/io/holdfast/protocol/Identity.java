package io.holdfast.protocol;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * Where a peer says who it is. Immutable.
 */
public sealed interface Identity {

	/**
	 * Most characters of an identity: it is shown in logs and endpoints.
	 */
	int MAX_LENGTH = 128;

	/**
	 * Who sent this.
	 * @param content of one of a peer's first frames
	 * @return 1 to 128 printable characters of ASCII; null if the frame does not say, or
	 * says something else
	 */
	@Nullable String of(byte[] content);

	private static @Nullable String printable(String found) {
		boolean fit = !found.isEmpty() && found.length() <= MAX_LENGTH
				&& found.chars().allMatch((each) -> each > ' ' && each < 0x7f);
		return fit ? found : null;
	}

	/**
	 * An identity at a fixed place.
	 */
	record Field(int offset, int size, IdentitySettings.Encoding encoding) implements Identity {

		private static final Pattern DECIMAL = Pattern.compile("(?<digits>[0-9]+)f?");

		@Override
		public @Nullable String of(byte[] content) {
			if (content.length < this.offset + this.size) {
				return null;
			}
			byte[] bytes = Arrays.copyOfRange(content, this.offset, this.offset + this.size);
			String hex = HexFormat.of().formatHex(bytes);
			return switch (this.encoding) {
				// trim: what is not above a space is no part of it, and a zero is not
				case ASCII -> printable(new String(bytes, StandardCharsets.ISO_8859_1).trim());
				case HEX -> hex;
				case BCD -> {
					Matcher decimal = DECIMAL.matcher(hex);
					yield decimal.matches() ? decimal.group("digits") : null;
				}
			};
		}

	}

	/**
	 * An identity that is found by what stands around it.
	 */
	record Found(Pattern pattern) implements Identity {

		@Override
		public @Nullable String of(byte[] content) {
			Matcher matcher = this.pattern.matcher(new String(content, StandardCharsets.ISO_8859_1));
			String found = matcher.find() ? matcher.group(1) : null;
			return (found != null) ? printable(found.trim()) : null;
		}

	}

}
