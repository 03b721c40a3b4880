package io.holdfast.drain;

import java.time.Duration;

import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.bind.Name;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * Settings of how connections leave when the gateway stops.
 *
 * @param waitFor time for which the gateway goes on accepting after it has said that it
 * is not ready, so that a load balancer can take note, 0s to 1h
 * @param rate connections that leave in a second, such as 500/s
 * @param timeout time after the wait at which connections that have not left are cut, 1ms
 * to 24h
 */
public record DrainSettings(@Name("wait") @DefaultValue("5s") Duration waitFor, @DefaultValue("500/s") Rate rate,
		@DefaultValue("60s") Duration timeout) {

	private static final Duration LONGEST_WAIT = Duration.ofHours(1);

	private static final Duration SHORTEST_TIMEOUT = Duration.ofMillis(1);

	private static final Duration LONGEST_TIMEOUT = Duration.ofHours(24);

	public DrainSettings {
		if (waitFor.isNegative() || waitFor.compareTo(LONGEST_WAIT) > 0) {
			throw new InvalidConfigurationPropertyValueException("wait", waitFor, "must be from 0s to 1h");
		}
		if (timeout.compareTo(SHORTEST_TIMEOUT) < 0 || timeout.compareTo(LONGEST_TIMEOUT) > 0) {
			throw new InvalidConfigurationPropertyValueException("timeout", timeout,
					"must be from 1ms to 24h; it counts from the end of wait");
		}
	}

}
