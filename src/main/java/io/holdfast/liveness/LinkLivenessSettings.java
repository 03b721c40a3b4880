package io.holdfast.liveness;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of what an upstream's silence means. Holds for every link, used or idle.
 *
 * @param heartbeatInterval silence after which the protocol's probe is sent, 100ms to
 * 365d; absent for no heartbeats; any byte ends the silence
 * @param maxMissed probes without any byte back, or without a probe intervals of silence,
 * after which the link is given up as heartbeat-missed, 1 to 1000
 */
public record LinkLivenessSettings(@Nullable Duration heartbeatInterval, @DefaultValue("3") int maxMissed) {

	public LinkLivenessSettings {
		Spans.check("heartbeat-interval", heartbeatInterval);
		Spans.checkMissed(maxMissed);
	}

}
