package io.holdfast.protocol;

import io.holdfast.framing.Framing;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * Turns the settings of a correlation into the correlation: fills in the defaults and
 * refuses what cannot work, naming the key below {@code key}.
 */
final class CorrelationReader {

	private final String key;

	private final CorrelationSettings settings;

	CorrelationReader(String key, CorrelationSettings settings) {
		this.key = key;
		this.settings = settings;
	}

	/**
	 * Reads the correlation.
	 * @param framing of the frames that carry the number
	 * @return a correlation whose number fits into a frame
	 */
	Correlation read(Framing framing) {
		Integer size = this.settings.size();
		if (size == null) {
			throw invalid("size", null, "is missing; give the bytes of the number, 1 to 8");
		}
		int offset = or(this.settings.offset(), 0);
		Correlation correlation = correlation(offset, size, or(this.settings.replyOffset(), offset));
		checkFits("offset", correlation.offset(), size, framing.maxFrame());
		checkFits("reply-offset", correlation.replyOffset(), size, framing.maxFrame());
		return correlation;
	}

	private Correlation correlation(int offset, int size, int replyOffset) {
		try {
			return new Correlation(offset, size, replyOffset);
		}
		catch (IllegalArgumentException ex) {
			throw Refusal.of(ex).below(this.key);
		}
	}

	private void checkFits(String name, int offset, int size, int maxFrame) {
		int highest = maxFrame - size;
		if (offset > highest) {
			throw invalid(name, offset, "with size " + size + " is beyond the largest frame of " + maxFrame + " bytes; "
					+ ((highest < 0) ? "allow larger frames" : "must be at most " + highest));
		}
	}

	private static int or(@Nullable Integer value, int other) {
		return (value != null) ? value : other;
	}

	private InvalidConfigurationPropertyValueException invalid(String name, @Nullable Object value, String reason) {
		return new InvalidConfigurationPropertyValueException(this.key + "." + name, value, reason);
	}

}
