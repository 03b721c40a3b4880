package io.holdfast.config;

import java.util.Map;

import io.holdfast.upstream.UpstreamSettings;

import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/**
 * The listeners that run when none is configured, so that a first look needs no settings.
 * Not in {@code application.yml}, because Boot would merge it into a user's own
 * listeners.
 */
final class Demo {

	private static final Map<String, String> SETTINGS = Map.ofEntries( //
			Map.entry("listeners.echo.port", "9000"), //
			Map.entry("listeners.echo.protocol", "line"), //
			Map.entry("listeners.echo.route.mode", "echo"), //
			// for somebody who types
			Map.entry("listeners.echo.liveness.handshake-timeout", "1h"), //
			Map.entry("listeners.echo.liveness.frame-timeout", "1h"), //
			Map.entry("listeners.frames.port", "9001"), //
			Map.entry("listeners.frames.protocol", "length32"), //
			Map.entry("listeners.frames.route.mode", "echo"), //
			Map.entry("listeners.relay.port", "9002"), //
			Map.entry("listeners.relay.protocol", "length32"), //
			Map.entry("listeners.relay.route.mode", "relay"), //
			Map.entry("listeners.relay.route.upstream", "demo"), //
			Map.entry("listeners.relay.route.sharing", "pipelined"), //
			// the upstream is the echo of this process, which replies to every frame
			Map.entry("listeners.relay.route.unchecked", "true"), //
			Map.entry("upstreams.demo.endpoints[0]", "127.0.0.1:9001"), //
			Map.entry("upstreams.demo.protocol", "length32"), //
			Map.entry("upstreams.demo.links.max", "4"));

	private static final Binder BINDER = new Binder(new MapConfigurationPropertySource(SETTINGS));

	private static final Map<String, ListenerSettings> LISTENERS = BINDER
		.bind("listeners", Bindable.mapOf(String.class, ListenerSettings.class))
		.get();

	private static final Map<String, UpstreamSettings> UPSTREAMS = BINDER
		.bind("upstreams", Bindable.mapOf(String.class, UpstreamSettings.class))
		.get();

	private Demo() {
	}

	static Map<String, ListenerSettings> listeners() {
		return LISTENERS;
	}

	static Map<String, UpstreamSettings> upstreams() {
		return UPSTREAMS;
	}

	static boolean isIn(GatewaySettings settings) {
		return settings.listeners().equals(LISTENERS);
	}

}
