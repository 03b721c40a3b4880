package io.holdfast.drain;

import java.time.Duration;
import java.util.Locale;

/**
 * Spans of time in the log.
 */
final class Seconds {

	private static final double NANOS = 1e9;

	private Seconds() {
	}

	static String text(long nanos) {
		return String.format(Locale.ROOT, "%.1f s", nanos / NANOS);
	}

	static String text(Duration span) {
		return text(span.toNanos());
	}

}
