package io.holdfast.config;

import java.time.Duration;
import java.util.TreeSet;

import io.holdfast.framing.Raw;
import io.holdfast.protocol.BytesSettings;
import io.holdfast.protocol.Correlation;
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
				checkRelay(name, listener.route(), protocol, upstream);
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

	private void checkRelay(String listener, RouteSettings route, Protocol clients, String name) {
		UpstreamSettings upstream = this.settings.upstreams().get(name);
		if (upstream == null) {
			throw new InvalidConfigurationPropertyValueException(key("listeners", listener, "route.upstream"), name,
					"is not an upstream; " + knownUpstreams());
		}
		BytesSettings reply = route.onFailure().reply();
		if (reply != null) {
			reply.requireFits(key("listeners", listener, "route.on-failure.reply"), clients.framing());
		}
		Protocol servers = this.protocols.get(upstream.protocol(), key("upstreams", name, "protocol"));
		if (servers.framing() instanceof Raw && route.sharing() != Sharing.DEDICATED) {
			throw invalidSharing(listener, route,
					"needs frames, and protocol '%s' of upstream '%s' has none, so that the second half of a reply would be taken for another one; give the framing of its replies, or share links as dedicated"
						.formatted(servers.name(), name));
		}
		if (route.sharing() == Sharing.CORRELATED) {
			checkNumber(listener, route, servers, name);
		}
		else if (route.sharing() == Sharing.PIPELINED && !route.unchecked()) {
			checkOrder(listener, route, servers, name);
		}
	}

	/** One request without a reply shifts all replies after it to other clients. */
	private static void checkOrder(String listener, RouteSettings route, Protocol servers, String name) {
		if (servers.correlation() == null && servers.oneWay() == null) {
			throw invalidSharing(listener, route,
					"cannot tell whose reply is whose once a request has had none, because frames of protocol '%1$s' of upstream '%2$s' carry no number; add correlation.size, or one-way with the frames that have no reply ([] for none), to a protocol of your own that extends %1$s, or share in another way, or accept wrong replies with unchecked=true"
						.formatted(servers.name(), name));
		}
	}

	private static void checkNumber(String listener, RouteSettings route, Protocol servers, String name) {
		Correlation correlation = servers.correlation();
		if (correlation == null) {
			throw invalidSharing(listener, route,
					"needs a number in each frame, and protocol '%1$s' of upstream '%2$s' has none; add correlation.size to a protocol of your own that extends %1$s, or share in another way"
						.formatted(servers.name(), name));
		}
		if (!servers.framing().mayReplace(correlation.offset(), correlation.size())) {
			throw invalidSharing(listener, route,
					"puts binary numbers into frames, and with protocol '%s' of upstream '%s' these may be read as a length or as the end of a frame; share in another way"
						.formatted(servers.name(), name));
		}
	}

	private static InvalidConfigurationPropertyValueException invalidSharing(String listener, RouteSettings route,
			String reason) {
		Sharing sharing = route.sharing();
		return new InvalidConfigurationPropertyValueException(key("listeners", listener, "route.sharing"),
				(sharing != null) ? sharing.text() : null, reason);
	}

	private String knownUpstreams() {
		return this.settings.upstreams().isEmpty() ? "gateway.upstreams is empty, so add it there"
				: "known are " + String.join(", ", new TreeSet<>(this.settings.upstreams().keySet()));
	}

	private static String key(String group, String name, String key) {
		return String.join(".", GatewaySettings.PREFIX, group, name, key);
	}

}
