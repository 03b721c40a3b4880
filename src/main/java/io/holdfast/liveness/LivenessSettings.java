package io.holdfast.liveness;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * Settings of what a client's silence means, and of how long it may stay. All times are
 * from 100ms to 365d, and kept to a tenth of a second.
 *
 * @param handshakeTimeout time within which the first whole frame must have come, TLS
 * included, before the connection is closed as handshake-timeout
 * @param frameTimeout time that one frame may take from its first byte to its last,
 * before the connection is closed as frame-timeout; time in which the gateway itself does
 * not read does not count
 * @param heartbeatInterval silence after which the protocol's probe is sent, if it has
 * one; absent for no heartbeats; any byte ends the silence
 * @param maxMissed probes without any byte back, or without a probe intervals of silence,
 * after which the connection is closed as heartbeat-missed, 1 to 1000
 * @param idleTimeout time without a frame that is no heartbeat, after which the
 * connection is closed as idle-timeout; absent for never
 * @param maxAge age at which the connection leaves in order, as max-age, shortened by up
 * to a tenth at random; absent for never
 */
public record LivenessSettings(@DefaultValue("10s") @Nullable Duration handshakeTimeout,
		@DefaultValue("30s") @Nullable Duration frameTimeout, @Nullable Duration heartbeatInterval,
		@DefaultValue("3") int maxMissed, @Nullable Duration idleTimeout, @Nullable Duration maxAge) {

	/** The defaults. */
	public static final LivenessSettings DEFAULT = new LivenessSettings(Duration.ofSeconds(10), Duration.ofSeconds(30),
			null, 3, null, null);

	public LivenessSettings {
		Spans.check("handshake-timeout", handshakeTimeout);
		Spans.check("frame-timeout", frameTimeout);
		Spans.check("heartbeat-interval", heartbeatInterval);
		Spans.check("idle-timeout", idleTimeout);
		Spans.check("max-age", maxAge);
		Spans.checkMissed(maxMissed);
		if (heartbeatInterval != null && idleTimeout != null && heartbeatInterval.compareTo(idleTimeout) >= 0) {
			throw new InvalidConfigurationPropertyValueException("heartbeat-interval", heartbeatInterval,
					"must be below idle-timeout, which is " + idleTimeout + " and would come first");
		}
	}

	/**
	 * Settings of links, which have heartbeats alone.
	 * @param settings of the links
	 */
	public static LivenessSettings of(LinkLivenessSettings settings) {
		return new LivenessSettings(null, null, settings.heartbeatInterval(), settings.maxMissed(), null, null);
	}

}
