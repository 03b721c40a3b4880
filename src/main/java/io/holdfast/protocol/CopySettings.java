package io.holdfast.protocol;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * Settings of bytes that an answer repeats from the heartbeat that it answers. Places are
 * bytes of the content.
 *
 * @param from bytes of the heartbeat before them; required
 * @param to bytes of the answer before them; from by default
 * @param size how many, at least 1; required
 */
public record CopySettings(@Nullable Integer from, @Nullable Integer to, @Nullable Integer size) {

	public CopySettings {
		requireAtLeast("from", from, 0);
		if (to != null) {
			requireAtLeast("to", to, 0);
		}
		requireAtLeast("size", size, 1);
	}

	private static void requireAtLeast(String key, @Nullable Integer value, int least) {
		if (value == null) {
			throw new InvalidConfigurationPropertyValueException(key, null, "is missing; give from, to and size");
		}
		if (value < least) {
			throw new InvalidConfigurationPropertyValueException(key, value, "must be at least " + least);
		}
	}

	Answer.Copy copy() {
		int start = (this.from != null) ? this.from : 0;
		return new Answer.Copy(start, (this.to != null) ? this.to : start, (this.size != null) ? this.size : 0);
	}

}
