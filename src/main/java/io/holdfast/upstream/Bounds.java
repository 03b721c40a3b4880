package io.holdfast.upstream;

import java.time.Duration;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.util.unit.DataSize;

/**
 * Refuses values outside of their bounds. Bounds of durations and sizes are written as in
 * the settings, because that is how the message says them.
 */
final class Bounds {

	private Bounds() {
	}

	static void requireWithin(String key, int value, int least, int most) {
		if (value < least || value > most) {
			throw new InvalidConfigurationPropertyValueException(key, value, "must be from " + least + " to " + most);
		}
	}

	static void requireWithin(String key, double value, int least, int most) {
		// not the other way round: what is no number is within no bounds
		if (!(value >= least && value <= most)) {
			throw new InvalidConfigurationPropertyValueException(key, value, "must be from " + least + " to " + most);
		}
	}

	static void requireWithin(String key, Duration value, String least, String most) {
		if (isBelow(value, least) || value.compareTo(DurationStyle.SIMPLE.parse(most)) > 0) {
			throw new InvalidConfigurationPropertyValueException(key, value, "must be from " + least + " to " + most);
		}
	}

	static void requireWithin(String key, DataSize value, String least, String most) {
		if (value.compareTo(DataSize.parse(least)) < 0 || value.compareTo(DataSize.parse(most)) > 0) {
			throw new InvalidConfigurationPropertyValueException(key, value, "must be from " + least + " to " + most);
		}
	}

	static void requireAtLeast(String key, Duration value, String least) {
		if (isBelow(value, least)) {
			throw new InvalidConfigurationPropertyValueException(key, value, "must be at least " + least);
		}
	}

	private static boolean isBelow(Duration value, String least) {
		return value.compareTo(DurationStyle.SIMPLE.parse(least)) < 0;
	}

}
