package io.holdfast.liveness;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * Settings of what a peer's silence means.
 *
 * @param idleTimeout silence after which a connection is closed as idle-timeout, 1ms to
 * 24d; absent for never
 */
public record LivenessSettings(@Nullable Duration idleTimeout) {

	public LivenessSettings {
		if (idleTimeout != null && (idleTimeout.toMillis() < 1 || idleTimeout.toMillis() > Integer.MAX_VALUE)) {
			throw new InvalidConfigurationPropertyValueException("idle-timeout", idleTimeout,
					"must be from 1ms to 24d; leave it out to never close a silent connection");
		}
	}

}
