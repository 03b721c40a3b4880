package io.holdfast.config;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

import io.holdfast.actuate.ManagementSettings;
import io.holdfast.drain.DrainSettings;
import io.holdfast.protocol.ProtocolSettings;
import io.holdfast.transport.ProcessLimitsSettings;
import io.holdfast.transport.Transport;
import io.holdfast.transport.WorkerSettings;
import io.holdfast.upstream.UpstreamSettings;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.core.env.Environment;

/**
 * All settings of the gateway. Each record checks its own values, and names keys as they
 * are below itself; {@link SettingsBindHandler} completes them.
 *
 * @param protocols protocols of the user's own, by name, beside the presets
 * @param listeners ports to listen on, by name; the demo's if there are none
 * @param upstreams servers to relay frames to, by name
 * @param eventLoops threads that all connections share, 1 to 1024; absent for one for
 * each core
 * @param transport how event loops reach the kernel; absent for the fastest that can be
 * had on the machine
 * @param workers threads that run what may block
 * @param limits what all connections together may cost
 * @param drain how connections leave when the gateway stops
 * @param management who may call the management port
 */
@ConfigurationProperties(prefix = GatewaySettings.PREFIX, ignoreUnknownFields = false)
public record GatewaySettings(@DefaultValue Map<String, ProtocolSettings> protocols,
		@DefaultValue Map<String, ListenerSettings> listeners, @DefaultValue Map<String, UpstreamSettings> upstreams,
		@Nullable Integer eventLoops, @Nullable Transport transport,
		@DefaultValue @NestedConfigurationProperty WorkerSettings workers,
		@DefaultValue @NestedConfigurationProperty ProcessLimitsSettings limits,
		@DefaultValue @NestedConfigurationProperty DrainSettings drain,
		@DefaultValue @NestedConfigurationProperty ManagementSettings management) {

	static final String PREFIX = "gateway";

	private static final int MAX_EVENT_LOOPS = 1024;

	private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]*");

	public GatewaySettings {
		protocols = Collections.unmodifiableMap(protocols);
		if (listeners.isEmpty()) {
			Map<String, UpstreamSettings> own = upstreams;
			upstreams = new HashMap<>(Demo.upstreams());
			upstreams.putAll(own);
		}
		listeners = Collections.unmodifiableMap(listeners.isEmpty() ? Demo.listeners() : listeners);
		listeners.keySet().forEach((name) -> checkName("listeners", name, "a listener"));
		upstreams = Collections.unmodifiableMap(upstreams);
		upstreams.keySet().forEach((name) -> checkName("upstreams", name, "an upstream"));
		if (eventLoops != null && (eventLoops < 1 || eventLoops > MAX_EVENT_LOOPS)) {
			throw new InvalidConfigurationPropertyValueException("event-loops", eventLoops,
					"must be from 1 to " + MAX_EVENT_LOOPS + "; leave it out to have one for each core");
		}
		// now, before anything else uses Netty
		Transport.prepare();
		if (transport != null) {
			transport.unavailability().ifPresent((reason) -> {
				throw new InvalidConfigurationPropertyValueException("transport", transport,
						"cannot be had on this machine (" + reason + "); leave it out to have " + Transport.best());
			});
		}
		checkPorts(new TreeMap<>(listeners));
	}

	/**
	 * Reads the settings before there are beans.
	 * @param environment where they are
	 * @return the settings, the same that are injected as a bean
	 */
	public static GatewaySettings from(Environment environment) {
		return Binder.get(environment)
			.bindOrCreate(PREFIX, Bindable.of(GatewaySettings.class),
					new SettingsBindHandler(new NoUnboundElementsBindHandler(BindHandler.DEFAULT)));
	}

	private static void checkName(String group, String name, String kind) {
		if (!NAME.matcher(name).matches()) {
			throw new InvalidConfigurationPropertyValueException(group + "." + name, name,
					"is no name for " + kind + "; use a to z, 0 to 9 and '-', and begin with a letter");
		}
	}

	private static void checkPorts(Map<String, ListenerSettings> listeners) {
		listeners.forEach((name, listener) -> listeners.forEach((other, earlier) -> {
			if (other.compareTo(name) < 0 && collide(listener, earlier)) {
				throw new InvalidConfigurationPropertyValueException("listeners." + name + ".port", listener.port(),
						"is taken by listener '%s' on %s:%d; give one of them another port or address".formatted(other,
								earlier.address(), earlier.port()));
			}
		}));
	}

	private static boolean collide(ListenerSettings one, ListenerSettings other) {
		return one.port() != 0 && one.port().equals(other.port())
				&& (one.address().equals(other.address()) || isAnyAddress(one) || isAnyAddress(other));
	}

	private static boolean isAnyAddress(ListenerSettings listener) {
		return listener.address().equals("0.0.0.0") || listener.address().equals("::");
	}

}
