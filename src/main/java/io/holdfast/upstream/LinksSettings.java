package io.holdfast.upstream;

import java.time.Duration;

import io.holdfast.transport.OutputLimits;

import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.util.unit.DataSize;

/**
 * Settings of the links to an upstream, counted over all of its endpoints.
 *
 * @param minIdle links that are kept open though nobody uses them, 0 to max
 * @param max most links that are open at the same time, 1 to 100000
 * @param acquireTimeout longest wait for a link before a frame is refused, 1ms to 1h
 * @param maxWaiting most frames that wait for a link, 1 to 1000000; more are refused at
 * once
 * @param maxPending most frames in flight on one link that clients share, 1 to 65536
 * @param idleTimeout how long a link beyond min-idle may be unused before it is closed,
 * at least 100ms
 * @param maxLifetime age at which a link is replaced by a newer one, at least 1s; it goes
 * on for as long as none can be opened
 * @param connectTimeout longest wait for a connection to an endpoint, 1ms to 10m
 * @param sendTimeout how long an upstream may take no byte while output waits, before its
 * link is given up
 * @param maxPendingOutput bytes that an upstream may leave unread on a link, 1KB to 1GB;
 * from half of that on the link takes no more, and the clients that feed it are not read
 * @param pauseTimeout how long after a pause nobody who waits for a link is refused, 1ms
 * to 1h
 */
public record LinksSettings(@DefaultValue("2") int minIdle, @DefaultValue("16") int max,
		@DefaultValue("2s") Duration acquireTimeout, @DefaultValue("1000") int maxWaiting,
		@DefaultValue("64") int maxPending, @DefaultValue("10m") Duration idleTimeout,
		@DefaultValue("30m") Duration maxLifetime, @DefaultValue("5s") Duration connectTimeout,
		@DefaultValue("30s") Duration sendTimeout, @DefaultValue("256KB") DataSize maxPendingOutput,
		@DefaultValue("60s") Duration pauseTimeout) {

	private static final int MAX_LINKS = 100_000;

	private static final int MAX_WAITING = 1_000_000;

	private static final int MAX_PENDING = 65_536;

	public LinksSettings {
		Bounds.requireWithin("max", max, 1, MAX_LINKS);
		if (minIdle < 0 || minIdle > max) {
			throw new InvalidConfigurationPropertyValueException("min-idle", minIdle,
					"must be from 0 to " + max + ", which is max");
		}
		Bounds.requireWithin("acquire-timeout", acquireTimeout, "1ms", "1h");
		Bounds.requireWithin("max-waiting", maxWaiting, 1, MAX_WAITING);
		Bounds.requireWithin("max-pending", maxPending, 1, MAX_PENDING);
		Bounds.requireAtLeast("idle-timeout", idleTimeout, "100ms");
		Bounds.requireAtLeast("max-lifetime", maxLifetime, "1s");
		Bounds.requireWithin("connect-timeout", connectTimeout, "1ms", "10m");
		if (sendTimeout.isNegative() || sendTimeout.isZero()) {
			throw new InvalidConfigurationPropertyValueException("send-timeout", sendTimeout,
					"must be positive, such as 30s");
		}
		Bounds.requireWithin("max-pending-output", maxPendingOutput, "1KB", "1GB");
		Bounds.requireWithin("pause-timeout", pauseTimeout, "1ms", "1h");
	}

	public OutputLimits output() {
		return new OutputLimits((int) this.maxPendingOutput.toBytes(), this.sendTimeout);
	}

}
