package io.holdfast.route;

import java.time.Duration;
import java.util.Locale;

import io.holdfast.transport.Delivery;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.util.StringUtils;

/**
 * What a listener does with a frame.
 *
 * @param mode echo, relay or channel; required
 * @param upstream name of one of gateway.upstreams; required for relay
 * @param sharing how clients share the links to the upstream; required for relay
 * @param replyTimeout longest wait for the reply to a frame that was written to a link,
 * 1ms to 1h; for relay
 * @param onFailure what a client gets in place of a reply that does not come: close,
 * drop, or reply with hex or text; for relay
 * @param unmatched what becomes of an upstream's frame that no client waits for; for
 * relay
 * @param unchecked whether pipelined may be used though nothing tells a missing reply
 * from a late one, so that clients may get each other's replies; for pipelined
 */
public record RouteSettings(Mode mode, @Nullable String upstream, @Nullable Sharing sharing,
		@DefaultValue("10s") Duration replyTimeout, @DefaultValue("close") OnFailure onFailure,
		@DefaultValue("drop") Unmatched unmatched, @DefaultValue("false") boolean unchecked) {

	private static final Duration SHORTEST = Duration.ofMillis(1);

	private static final Duration LONGEST = Duration.ofHours(1);

	public RouteSettings {
		if (mode == null) {
			throw new InvalidConfigurationPropertyValueException("mode", null,
					"is missing; give echo, relay or channel");
		}
		switch (mode) {
			case RELAY -> checkRelay(upstream, sharing);
			case ECHO, CHANNEL -> {
				refuse("upstream", upstream, mode);
				refuse("sharing", (sharing != null) ? sharing.text() : null, mode);
			}
		}
		if (unchecked && sharing != Sharing.PIPELINED) {
			throw new InvalidConfigurationPropertyValueException("unchecked", unchecked,
					"has no effect unless sharing is pipelined; remove it");
		}
		if (replyTimeout.compareTo(SHORTEST) < 0 || replyTimeout.compareTo(LONGEST) > 0) {
			throw new InvalidConfigurationPropertyValueException("reply-timeout", replyTimeout,
					"must be from 1ms to 1h");
		}
	}

	private static void checkRelay(@Nullable String upstream, @Nullable Sharing sharing) {
		if (!StringUtils.hasText(upstream)) {
			throw new InvalidConfigurationPropertyValueException("upstream", upstream,
					"is missing; give the name of one of gateway.upstreams");
		}
		if (sharing == null) {
			throw new InvalidConfigurationPropertyValueException("sharing", null,
					"is missing; give exclusive (one request at a time on a link), pipelined (replies come in the order"
							+ " of the requests), correlated (a number in the frame tells whose reply it is) or"
							+ " dedicated (one link for each client, as long as the client stays)");
		}
	}

	private static void refuse(String key, @Nullable String value, Mode mode) {
		if (value != null) {
			throw new InvalidConfigurationPropertyValueException(key, value, "has no effect in mode "
					+ mode.name().toLowerCase(Locale.ROOT) + "; remove it, or set mode to relay");
		}
	}

	/**
	 * The kinds of routes.
	 */
	public enum Mode {

		/** Each frame goes back to the client that sent it. */
		ECHO,

		/** Each frame goes to an upstream server, and its reply back to the client. */
		RELAY,

		/** Each frame goes to the application's own flow. */
		CHANNEL;

		/**
		 * On which thread the route wants its frames.
		 */
		public Delivery delivery() {
			return switch (this) {
				case ECHO, RELAY -> Delivery.EVENT_LOOP;
				case CHANNEL -> Delivery.WORKERS;
			};
		}

	}

}
