package io.holdfast.actuate;

import java.util.Collection;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

import io.holdfast.connection.ConnectionRegistry;
import io.holdfast.listener.Listener;
import io.netty.util.NetUtil;

import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * Whether one listener has its port. A paused one has it, since who connects is only kept
 * waiting; one that drains is out of service.
 */
public final class ListenerHealth implements HealthIndicator {

	private final Listener listener;

	private final ConnectionRegistry connections;

	private ListenerHealth(Listener listener, ConnectionRegistry connections) {
		this.listener = listener;
		this.connections = connections;
	}

	/**
	 * The health of all listeners, each under its name.
	 * @param listeners all listeners
	 * @param connections tells how many are connected
	 * @return one contributor of each listener
	 */
	public static CompositeHealthContributor ofAll(Collection<Listener> listeners, ConnectionRegistry connections) {
		Map<String, Listener> byName = listeners.stream()
			.collect(Collectors.toMap(Listener::name, Function.identity()));
		return CompositeHealthContributor.fromMap(byName, (listener) -> new ListenerHealth(listener, connections));
	}

	@Override
	public Health health() {
		Health.Builder health = switch (this.listener.state()) {
			case LISTENING, PAUSED -> this.listener.isListening() ? Health.up() : Health.down();
			case DRAINING -> Health.outOfService();
			case STOPPED -> Health.down();
		};
		return health.withDetail("state", ListenerView.state(this.listener, this.connections))
			.withDetail("address", NetUtil.toSocketAddressString(this.listener.address()))
			.withDetail("connections", this.connections.count(this.listener.name()))
			.build();
	}

}
