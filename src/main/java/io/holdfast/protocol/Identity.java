package io.holdfast.protocol;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
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
	 * Returns the identity of the sender of a frame.
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
				case BCD -> decimal(hex.endsWith("f") ? hex.substring(0, hex.length() - 1) : hex);
			};
		}

		private static @Nullable String decimal(String digits) {
			return digits.chars().allMatch((each) -> each >= '0' && each <= '9') ? digits : null;
		}

	}

	/**
	 * An identity that is found by what stands around it, in time linear to
	 * {@code maxScan}, since it is done on the event loop for bytes that a peer chooses.
	 */
	record Found(Pattern pattern, int maxScan) implements Identity {

		@Override
		public @Nullable String of(byte[] content) {
			int scanned = Math.min(content.length, this.maxScan);
			Matcher matcher = this.pattern.matcher(new String(content, 0, scanned, StandardCharsets.ISO_8859_1));
			String found = matcher.find() ? matcher.group(1) : null;
			// one that is cut might be another peer's
			boolean cut = found != null && matcher.end(1) == scanned && scanned < content.length;
			return (found != null && !cut) ? printable(found.trim()) : null;
		}

	}

}
