package io.holdfast.config;

import io.holdfast.listener.LimitsSettings;
import io.holdfast.liveness.LivenessSettings;
import io.holdfast.liveness.Takeover;
import io.holdfast.route.RouteSettings;
import io.holdfast.transport.TcpSettings;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.util.StringUtils;

/**
 * Settings of one listener.
 *
 * @param port TCP port, 0 to 65535; 0 takes any free port; required
 * @param address local address, or 0.0.0.0 for all of them
 * @param protocol name of a preset or of a protocol in gateway.protocols; required
 * @param liveness what a client's silence means
 * @param takeover what happens when a client says it is one that is connected already;
 * absent for nothing; needs a protocol with an identity
 * @param tcp options of the clients' sockets
 * @param limits what one connection may cost
 * @param route what becomes of a frame; required
 */
public record ListenerSettings(Integer port, @DefaultValue("0.0.0.0") String address, String protocol,
		@DefaultValue LivenessSettings liveness, @Nullable Takeover takeover, @DefaultValue TcpSettings tcp,
		@DefaultValue LimitsSettings limits, RouteSettings route) {

	private static final int MAX_PORT = 65535;

	public ListenerSettings {
		required("port", port, "a TCP port");
		if (port < 0 || port > MAX_PORT) {
			throw new InvalidConfigurationPropertyValueException("port", port, "must be from 0 to " + MAX_PORT);
		}
		if (!StringUtils.hasText(address)) {
			throw new InvalidConfigurationPropertyValueException("address", address,
					"is empty; give an address of this machine, or 0.0.0.0 for all of them");
		}
		required("protocol", protocol, "the name of a preset, such as line, or of one of gateway.protocols");
		required("route.mode", route, "echo, relay or channel");
	}

	private static void required(String key, @Nullable Object value, String choice) {
		if (value == null) {
			throw new InvalidConfigurationPropertyValueException(key, null, "is missing; give " + choice);
		}
	}

}
