package io.holdfast.transport;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * Settings of sockets: how the operating system itself finds out that a peer is gone.
 *
 * @param keepAlive probes of the kernel (SO_KEEPALIVE, always on)
 * @param userTimeout time for which sent bytes may stay unacknowledged before the
 * connection breaks (TCP_USER_TIMEOUT of Linux), 1s to 1h; absent for the kernel's own
 * limit, a quarter of an hour in most cases. Keep it above keep-alive's idle and interval
 */
public record TcpSettings(@DefaultValue KeepAliveSettings keepAlive, @Nullable Duration userTimeout) {

	/** The kernel's own defaults. */
	public static final TcpSettings DEFAULT = new TcpSettings(new KeepAliveSettings(null, null, null), null);

	public TcpSettings {
		requireWithin("user-timeout", userTimeout);
	}

	private static void requireWithin(String key, @Nullable Duration span) {
		if (span != null && (span.compareTo(Duration.ofSeconds(1)) < 0 || span.compareTo(Duration.ofHours(1)) > 0)) {
			throw new InvalidConfigurationPropertyValueException(key, span,
					"must be from 1s to 1h; leave it out to keep the kernel's");
		}
	}

	/**
	 * Settings of the kernel's probes; what is absent is as in the kernel's own settings.
	 *
	 * @param idle silence before the first probe (TCP_KEEPIDLE), 1s to 1h, in whole
	 * seconds
	 * @param interval time between probes (TCP_KEEPINTVL), 1s to 1h, in whole seconds
	 * @param count unanswered probes that break the connection (TCP_KEEPCNT), 1 to 127
	 */
	public record KeepAliveSettings(@Nullable Duration idle, @Nullable Duration interval, @Nullable Integer count) {

		private static final int MAX_COUNT = 127;

		public KeepAliveSettings {
			requireWithin("idle", idle);
			requireWithin("interval", interval);
			if (count != null && (count < 1 || count > MAX_COUNT)) {
				throw new InvalidConfigurationPropertyValueException("count", count,
						"must be from 1 to " + MAX_COUNT + "; leave it out to keep the kernel's");
			}
		}

	}

}
