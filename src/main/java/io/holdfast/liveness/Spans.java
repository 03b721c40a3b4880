package io.holdfast.liveness;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * The bounds of this package's settings.
 */
final class Spans {

	private static final Duration SHORTEST = Duration.ofMillis(100);

	private static final Duration LONGEST = Duration.ofDays(365);

	private static final int MAX_MISSED = 1000;

	private Spans() {
	}

	static void check(String key, @Nullable Duration span) {
		if (span != null && (span.compareTo(SHORTEST) < 0 || span.compareTo(LONGEST) > 0)) {
			throw new InvalidConfigurationPropertyValueException(key, span,
					"must be from 100ms to 365d; leave it out for no limit");
		}
	}

	static void checkMissed(int maxMissed) {
		if (maxMissed < 1 || maxMissed > MAX_MISSED) {
			throw new InvalidConfigurationPropertyValueException("max-missed", maxMissed,
					"must be from 1 to " + MAX_MISSED);
		}
	}

	/** Zero for an absent one. */
	static long nanos(@Nullable Duration span) {
		return (span != null) ? span.toNanos() : 0;
	}

}
