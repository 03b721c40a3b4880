package io.holdfast.config;

import java.time.Duration;
import java.util.TreeSet;

import io.holdfast.protocol.Protocol;
import io.holdfast.protocol.Protocols;
import io.holdfast.route.RouteSettings;
import io.holdfast.route.Sharing;
import io.holdfast.upstream.UpstreamSettings;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * Checks the names by which settings point at other settings.
 */
final class References {

	private final GatewaySettings settings;

	private final Protocols protocols;

	References(GatewaySettings settings, Protocols protocols) {
		this.settings = settings;
		this.protocols = protocols;
	}

	/**
	 * Follows every name. An upstream that no listener uses is fine: a flow may use it.
	 * @throws InvalidConfigurationPropertyValueException if a name leads nowhere, with
	 * the known names, or to what cannot do what is asked of it
	 */
	void check() {
		this.settings.upstreams().forEach((name, upstream) -> {
			Protocol protocol = this.protocols.get(upstream.protocol(), key("upstreams", name, "protocol"));
			checkHeartbeat("upstreams", name, upstream.liveness().heartbeatInterval(), protocol);
		});
		this.settings.listeners().forEach((name, listener) -> {
			Protocol protocol = this.protocols.get(listener.protocol(), key("listeners", name, "protocol"));
			checkHeartbeat("listeners", name, listener.liveness().heartbeatInterval(), protocol);
			if (listener.takeover() != null && protocol.identity() == null) {
				throw new InvalidConfigurationPropertyValueException(key("listeners", name, "takeover"),
						listener.takeover().text(),
						"needs to know who a client is, and protocol '%1$s' does not say; add identity to a protocol of your own that extends %1$s"
							.formatted(protocol.name()));
			}
			String upstream = listener.route().upstream();
			if (upstream != null) {
				checkRelay(name, listener.route(), upstream);
			}
		});
	}

	private void checkHeartbeat(String group, String name, @Nullable Duration interval, Protocol protocol) {
		if (interval != null && protocol.heartbeat() == null) {
			throw new InvalidConfigurationPropertyValueException(key(group, name, "liveness.heartbeat-interval"),
					interval,
					"needs a heartbeat, and protocol '%1$s' has none; add heartbeat.probe and heartbeat.reply to a protocol of your own that extends %1$s, or heartbeat.answer for heartbeats that the peer sends by itself"
						.formatted(protocol.name()));
		}
	}

	private void checkRelay(String listener, RouteSettings route, String name) {
		UpstreamSettings upstream = this.settings.upstreams().get(name);
		if (upstream == null) {
			throw new InvalidConfigurationPropertyValueException(key("listeners", listener, "route.upstream"), name,
					"is not an upstream; " + knownUpstreams());
		}
		String protocol = upstream.protocol();
		if (route.sharing() == Sharing.CORRELATED
				&& this.protocols.get(protocol, key("upstreams", name, "protocol")).correlation() == null) {
			throw new InvalidConfigurationPropertyValueException(key("listeners", listener, "route.sharing"),
					Sharing.CORRELATED.text(),
					"needs a number in each frame, and protocol '%1$s' of upstream '%2$s' has none; add correlation.size to a protocol of your own that extends %1$s, or share in another way"
						.formatted(protocol, name));
		}
	}

	private String knownUpstreams() {
		return this.settings.upstreams().isEmpty() ? "gateway.upstreams is empty, so add it there"
				: "known are " + String.join(", ", new TreeSet<>(this.settings.upstreams().keySet()));
	}

	private static String key(String group, String name, String key) {
		return String.join(".", GatewaySettings.PREFIX, group, name, key);
	}

}
