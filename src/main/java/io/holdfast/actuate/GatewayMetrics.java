package io.holdfast.actuate;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

import io.holdfast.connection.CloseReason;
import io.holdfast.connection.ConnectionEvent;
import io.holdfast.connection.ConnectionInfo;
import io.holdfast.connection.ConnectionObserver;
import io.holdfast.connection.ConnectionRegistry;
import io.holdfast.listener.Listener;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;

/**
 * The metrics of listeners and their connections. Every series exists from the start with
 * 0, so that a rate can be taken of the first event, and tags come from settings only.
 */
public final class GatewayMetrics implements MeterBinder, ConnectionObserver {

	private final ConnectionRegistry connections;

	private final Map<String, Counts> countsOfListeners;

	/**
	 * Creates the metrics. Openings and closings count once this observes the registry.
	 * @param connections tells how many are connected
	 * @param listeners all listeners
	 */
	public GatewayMetrics(ConnectionRegistry connections, Collection<Listener> listeners) {
		this.connections = connections;
		this.countsOfListeners = listeners.stream().collect(Collectors.toUnmodifiableMap(Listener::name, Counts::new));
	}

	@Override
	public void on(ConnectionEvent event) {
		Counts counts = this.countsOfListeners.get(event.connection().listener());
		if (counts == null) {
			return;
		}
		if (event instanceof ConnectionEvent.Closed closed) {
			counts.closed(closed.reason()).increment();
		}
		else {
			counts.opened.increment();
		}
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		TrafficMeters traffic = new TrafficMeters(registry);
		this.countsOfListeners.values().forEach((counts) -> {
			bindConnections(registry, counts);
			traffic.bind(counts.listener);
			bindPending(registry, counts.listener.name(), "in", ConnectionInfo::pendingInput);
			bindPending(registry, counts.listener.name(), "out", ConnectionInfo::pendingOutput);
		});
	}

	private void bindConnections(MeterRegistry registry, Counts counts) {
		String name = counts.listener.name();
		Tags tags = Tags.of("listener", name);
		Gauge.builder("gateway.connections", this.connections, (connections) -> connections.count(name))
			.description("Connections that are open")
			.tags(tags)
			.register(registry);
		FunctionCounter.builder("gateway.connections.opened", counts.opened, LongAdder::doubleValue)
			.description("Connections that have been accepted")
			.tags(tags)
			.register(registry);
		for (CloseReason reason : CloseReason.values()) {
			FunctionCounter.builder("gateway.connections.closed", counts.closed(reason), LongAdder::doubleValue)
				.description("Connections that have ended, by reason")
				.tags(tags.and("reason", reason.text()))
				.register(registry);
		}
		counts.listener.maxConnections()
			.ifPresent((max) -> Gauge.builder("gateway.connections.max", () -> max)
				.description("Most connections that the listener accepts")
				.tags(tags)
				.register(registry));
	}

	private void bindPending(MeterRegistry registry, String listener, String direction,
			ToLongFunction<ConnectionInfo> pending) {
		Gauge
			.builder("gateway.pending", this.connections,
					(connections) -> connections.stream()
						.filter((connection) -> connection.listener().equals(listener))
						.mapToLong(pending)
						.sum())
			.description("Bytes that wait for a worker (in) and for the peers (out)")
			.baseUnit("bytes")
			.tags("listener", listener, "direction", direction)
			.register(registry);
	}

	/**
	 * What has happened at one listener since the start. Any thread.
	 */
	private static final class Counts {

		private final Listener listener;

		private final LongAdder opened = new LongAdder();

		private final Map<CloseReason, LongAdder> closed = new ConcurrentHashMap<>();

		Counts(Listener listener) {
			this.listener = listener;
		}

		LongAdder closed(CloseReason reason) {
			return this.closed.computeIfAbsent(reason, (absent) -> new LongAdder());
		}

	}

}
