package io.holdfast.protocol;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

import io.holdfast.framing.Framing;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * Turns the settings of an identity into the identity: fills in the defaults and refuses
 * what cannot work, naming the key below {@code key}.
 */
final class IdentityReader {

	private static final int MAX_SIZE = 64;

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
		return (pattern != null) ? found(pattern) : field(framing);
	}

	private Identity found(String pattern) {
		if (this.settings.offset() != null || this.settings.size() != null || this.settings.encoding() != null) {
			throw invalid("pattern", pattern, "stands beside offset, size or encoding; give one or the other");
		}
		Pattern compiled;
		try {
			compiled = Pattern.compile(pattern, Pattern.DOTALL);
		}
		catch (PatternSyntaxException ex) {
			throw invalid("pattern", pattern,
					"is no regular expression: " + ex.getDescription() + " near index " + ex.getIndex());
		}
		if (compiled.matcher("").groupCount() < 1) {
			throw invalid("pattern", pattern, "has no group; put the identity in parentheses, such as ID=(\\w+)");
		}
		return new Identity.Found(compiled);
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
