package io.holdfast.protocol;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.holdfast.framing.Framing;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.util.unit.DataSize;

/**
 * Turns the settings of an identity into the identity: fills in the defaults and refuses
 * what cannot work, naming the key below {@code key}.
 */
final class IdentityReader {

	private static final int MAX_SIZE = 64;

	private static final String DOTALL = "(?s)";

	private static final DataSize DEFAULT_MAX_SCAN = DataSize.ofBytes(512);

	/** Takes some milliseconds on the event loop where the pattern is unlucky. */
	private static final DataSize LARGEST_MAX_SCAN = DataSize.ofKilobytes(16);

	private final String key;

	private final IdentitySettings settings;

	IdentityReader(String key, IdentitySettings settings) {
		this.key = key;
		this.settings = settings;
	}

	/**
	 * Reads the identity.
	 * @param framing of the frames that carry it
	 */
	Identity read(Framing framing) {
		String pattern = this.settings.pattern();
		if (pattern != null) {
			return new Identity.Found(compiled(pattern), maxScan());
		}
		if (this.settings.maxScan() != null) {
			throw invalid("max-scan", this.settings.maxScan(),
					"stands without pattern; remove it, or give the pattern");
		}
		return field(framing);
	}

	private Pattern compiled(String pattern) {
		if (this.settings.hasPlace()) {
			throw invalid("pattern", pattern, "stands beside offset, size or encoding; give one or the other");
		}
		Pattern compiled;
		try {
			compiled = Pattern.compile(pattern, Pattern.DOTALL);
		}
		catch (PatternSyntaxException ex) {
			// before all of the pattern stands what DOTALL means
			String where = ex.getPattern().startsWith(DOTALL) ? pattern : ex.getPattern();
			throw invalid("pattern", pattern, "is no regular expression of RE2: " + ex.getDescription() + " at '"
					+ where + "'; there is no look-around, back-reference or possessive quantifier");
		}
		if (intersects(pattern)) {
			throw invalid("pattern", pattern,
					"has '&&' in a class, which RE2 takes for the character; write the class without it");
		}
		if (compiled.groupCount() < 1) {
			throw invalid("pattern", pattern, "has no group; put the identity in parentheses, such as ID=(\\w+)");
		}
		return compiled;
	}

	/**
	 * Whether a class of characters has Java's operator, which RE2 would misunderstand.
	 */
	private static boolean intersects(String pattern) {
		int at = pattern.indexOf("&&");
		return at >= 0 && pattern.lastIndexOf('[', at) > pattern.lastIndexOf(']', at);
	}

	private int maxScan() {
		DataSize maxScan = (this.settings.maxScan() != null) ? this.settings.maxScan() : DEFAULT_MAX_SCAN;
		if (maxScan.toBytes() < 1 || maxScan.compareTo(LARGEST_MAX_SCAN) > 0) {
			throw invalid("max-scan", maxScan, "must be from 1B to " + LARGEST_MAX_SCAN.toKilobytes() + "KB");
		}
		return (int) maxScan.toBytes();
	}

	private Identity field(Framing framing) {
		Integer size = this.settings.size();
		if (size == null) {
			throw invalid("size", null, "is missing; give offset and size of the identity, or a pattern");
		}
		if (size < 1 || size > MAX_SIZE) {
			throw invalid("size", size, "must be from 1 to " + MAX_SIZE);
		}
		int offset = (this.settings.offset() != null) ? this.settings.offset() : 0;
		if (offset < 0 || offset > framing.maxFrame() - size) {
			throw invalid("offset", offset, "must be at least 0, and with size " + size
					+ " within the largest frame of " + framing.maxFrame() + " bytes");
		}
		return new Identity.Field(offset, size,
				(this.settings.encoding() != null) ? this.settings.encoding() : IdentitySettings.Encoding.ASCII);
	}

	private InvalidConfigurationPropertyValueException invalid(String name, @Nullable Object value, String reason) {
		return new InvalidConfigurationPropertyValueException(this.key + "." + name, value, reason);
	}

}
