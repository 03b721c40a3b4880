package io.holdfast.actuate;

import io.holdfast.transport.LoopWatchdog;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * Whether every event loop serves its connections. A part of liveness: a loop that does
 * not comes back with a restart only.
 */
public final class LoopHealth implements HealthIndicator {

	private final LoopWatchdog watchdog;

	public LoopHealth(LoopWatchdog watchdog) {
		this.watchdog = watchdog;
	}

	@Override
	public Health health() {
		return this.watchdog.trouble()
			.map((trouble) -> Health.down().withDetail("trouble", trouble).build())
			.orElseGet(() -> Health.up().build());
	}

}
