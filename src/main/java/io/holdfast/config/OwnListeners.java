package io.holdfast.config;

import java.net.InetAddress;
import java.util.Map;
import java.util.TreeMap;

import io.holdfast.route.RouteSettings;
import io.holdfast.transport.BoundAddress;
import io.holdfast.transport.NettyServerConnectionFactory;
import io.holdfast.upstream.EndpointAddress;
import io.netty.util.NetUtil;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * Refuses an upstream's endpoint that is a listener of the same gateway which relays too:
 * its frames would go round for ever, and with a link for each client one connect would
 * take all descriptors. A listener that answers by itself, as in the demo, is fine.
 */
final class OwnListeners {

	private final GatewaySettings settings;

	OwnListeners(GatewaySettings settings) {
		this.settings = settings;
	}

	/**
	 * Compares literal addresses and localhost. Names are compared when they are
	 * connected to, see {@link NettyServerConnectionFactory#setRefuseOwnLinks}.
	 * @throws InvalidConfigurationPropertyValueException if an endpoint is such a
	 * listener
	 */
	void check() {
		Map<String, ListenerSettings> listeners = new TreeMap<>(this.settings.listeners());
		this.settings.upstreams().forEach((name, upstream) -> {
			for (int i = 0; i < upstream.addresses().size(); i++) {
				EndpointAddress endpoint = upstream.addresses().get(i);
				String key = "%s.upstreams.%s.endpoints[%d]".formatted(GatewaySettings.PREFIX, name, i);
				listeners.forEach((listener, its) -> {
					if (its.route().mode() == RouteSettings.Mode.RELAY && leadsTo(endpoint, its)) {
						throw new InvalidConfigurationPropertyValueException(key, endpoint,
								"is listener '%s' of this gateway, which relays as well, so that frames would go round for ever; give the address of a server"
									.formatted(listener));
					}
				});
			}
		});
	}

	private static boolean leadsTo(EndpointAddress endpoint, ListenerSettings listener) {
		InetAddress target = address(endpoint.host());
		return target != null
				&& new BoundAddress(address(listener.address()), listener.port()).isReachedBy(target, endpoint.port());
	}

	private static @Nullable InetAddress address(String host) {
		if (host.equalsIgnoreCase("localhost")) {
			return InetAddress.getLoopbackAddress();
		}
		return NetUtil.createInetAddressFromIpAddressString(host);
	}

}
