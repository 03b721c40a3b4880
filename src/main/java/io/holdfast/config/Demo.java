package io.holdfast.config;

import java.util.Map;

import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/**
 * What runs when no listener is configured, so that a first look needs no settings. Not
 * in {@code application.yml}, because Boot would merge it into a user's own listeners.
 */
final class Demo {

	private static final Map<String, String> SETTINGS = Map.of( //
			"listeners.echo.port", "9000", //
			"listeners.echo.protocol", "line", //
			"listeners.echo.route.mode", "echo", //
			"listeners.frames.port", "9001", //
			"listeners.frames.protocol", "length32", //
			"listeners.frames.route.mode", "echo");

	private static final Map<String, ListenerSettings> LISTENERS = new Binder(
			new MapConfigurationPropertySource(SETTINGS))
		.bind("listeners", Bindable.mapOf(String.class, ListenerSettings.class))
		.get();

	private Demo() {
	}

	static Map<String, ListenerSettings> listeners() {
		return LISTENERS;
	}

	static boolean isIn(GatewaySettings settings) {
		return settings.listeners().equals(LISTENERS);
	}

}
