package io.holdfast.config;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Map;
import java.util.TreeMap;

import io.holdfast.route.RouteSettings;
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
	 * Compares literal addresses and localhost. Looks no name up.
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
		if (endpoint.port() != listener.port()) {
			return false;
		}
		InetAddress target = address(endpoint.host());
		if (target == null) {
			return false;
		}
		InetAddress bound = address(listener.address());
		boolean boundToAll = bound == null || bound.isAnyLocalAddress();
		// connecting to 0.0.0.0 leads to this machine
		return boundToAll ? isOfThisMachine(target) : target.isAnyLocalAddress() || target.equals(bound);
	}

	private static @Nullable InetAddress address(String host) {
		if (host.equalsIgnoreCase("localhost")) {
			return InetAddress.getLoopbackAddress();
		}
		return NetUtil.createInetAddressFromIpAddressString(host);
	}

	private static boolean isOfThisMachine(InetAddress address) {
		try {
			return address.isAnyLocalAddress() || address.isLoopbackAddress()
					|| NetworkInterface.getByInetAddress(address) != null;
		}
		catch (SocketException ex) {
			return false;
		}
	}

}
