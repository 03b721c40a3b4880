package io.holdfast.upstream;

import java.time.Duration;

import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * Settings of the pauses between failed attempts to connect.
 *
 * @param initial pause after the first failure, at least 1ms and at most max
 * @param max longest pause
 * @param multiplier by which each pause is longer than the one before, 1 to 10
 * @param jitter part of each pause that is left to chance, 0 to 1, so that gateways do
 * not come back all at once
 */
public record ReconnectSettings(@DefaultValue("1s") Duration initial, @DefaultValue("30s") Duration max,
		@DefaultValue("2") double multiplier, @DefaultValue("0.2") double jitter) {

	private static final int MAX_MULTIPLIER = 10;

	public ReconnectSettings {
		Bounds.requireAtLeast("initial", initial, "1ms");
		if (initial.compareTo(max) > 0) {
			throw new InvalidConfigurationPropertyValueException("initial", initial,
					"is longer than max, which is " + max + "; lower it, or raise max");
		}
		Bounds.requireWithin("multiplier", multiplier, 1, MAX_MULTIPLIER);
		Bounds.requireWithin("jitter", jitter, 0, 1);
	}

}
