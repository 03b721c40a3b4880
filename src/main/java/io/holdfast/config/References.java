package io.holdfast.config;

import java.util.TreeSet;

import io.holdfast.protocol.Protocols;
import io.holdfast.route.RouteSettings;
import io.holdfast.route.Sharing;
import io.holdfast.upstream.UpstreamSettings;

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
		this.settings.upstreams()
			.forEach((name, upstream) -> this.protocols.get(upstream.protocol(), key("upstreams", name, "protocol")));
		this.settings.listeners().forEach((name, listener) -> {
			this.protocols.get(listener.protocol(), key("listeners", name, "protocol"));
			String upstream = listener.route().upstream();
			if (upstream != null) {
				checkRelay(name, listener.route(), upstream);
			}
		});
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
