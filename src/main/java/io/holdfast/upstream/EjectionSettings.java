package io.holdfast.upstream;

import java.time.Duration;

import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.bind.Name;

/**
 * Settings of when an endpoint that fails gets no new links for a while. The ban grows
 * with each ejection in a row, up to ten times its duration. The last endpoint that is
 * left is never ejected.
 *
 * @param afterFailures failures after which an endpoint is ejected if they outweigh its
 * answers of the same time, and come from more than one client or nobody had an answer; 1
 * to 1000
 * @param duration the first ban, 1ms to 1h
 */
public record EjectionSettings(@DefaultValue("3") int afterFailures,
		@Name("for") @DefaultValue("10s") Duration duration) {

	private static final int MAX_FAILURES = 1000;

	public EjectionSettings {
		Bounds.requireWithin("after-failures", afterFailures, 1, MAX_FAILURES);
		Bounds.requireWithin("for", duration, "1ms", "1h");
	}

}
