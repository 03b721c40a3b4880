package io.holdfast.upstream;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

import io.holdfast.liveness.LinkLivenessSettings;
import io.holdfast.transport.TcpSettings;

import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.util.StringUtils;

/**
 * Settings of one upstream: servers that do the same work.
 *
 * @param endpoints where its servers listen, as host:port, without duplicates; required
 * @param protocol name of a preset or of a protocol in gateway.protocols; required
 * @param balance which endpoint the next link is taken from
 * @param links how many links are held, and how long
 * @param liveness what an upstream's silence means
 * @param tcp options of the links' sockets
 * @param reconnect pauses between failed attempts to connect
 * @param ejection when an endpoint that fails gets no new links
 * @param dns how the names of endpoints are looked up
 */
public record UpstreamSettings(List<String> endpoints, String protocol, @DefaultValue("round-robin") Balance balance,
		@DefaultValue LinksSettings links, @DefaultValue LinkLivenessSettings liveness, @DefaultValue TcpSettings tcp,
		@DefaultValue ReconnectSettings reconnect, @DefaultValue EjectionSettings ejection,
		@DefaultValue DnsSettings dns) {

	public UpstreamSettings {
		if (endpoints == null || endpoints.isEmpty()) {
			throw new InvalidConfigurationPropertyValueException("endpoints", null,
					"is missing; give at least one address, such as 10.0.0.5:7001");
		}
		endpoints = List.copyOf(endpoints);
		checkEndpoints(endpoints);
		if (!StringUtils.hasText(protocol)) {
			throw new InvalidConfigurationPropertyValueException("protocol", protocol,
					"is missing; give the name of a preset, such as line, or of one of gateway.protocols");
		}
	}

	/**
	 * Where the servers listen, in the order of the settings.
	 */
	public List<EndpointAddress> addresses() {
		return this.endpoints.stream().map(EndpointAddress::parse).toList();
	}

	private static void checkEndpoints(List<String> endpoints) {
		Set<EndpointAddress> known = new HashSet<>();
		for (int i = 0; i < endpoints.size(); i++) {
			if (!known.add(parse("endpoints[" + i + "]", endpoints.get(i)))) {
				throw new InvalidConfigurationPropertyValueException("endpoints[" + i + "]", endpoints.get(i),
						"is given twice; remove one of them");
			}
		}
	}

	private static EndpointAddress parse(String key, String endpoint) {
		try {
			return EndpointAddress.parse(endpoint);
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidConfigurationPropertyValueException(key, endpoint, String.valueOf(ex.getMessage()));
		}
	}

}
