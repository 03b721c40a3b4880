package io.holdfast.actuate;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
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

	private final Recent<Map<String, Pending>> pending;

	/**
	 * Creates the metrics. Openings and closings count once this observes the registry.
	 * @param connections tells how many are connected
	 * @param listeners all listeners
	 * @param nanoTime as {@link System#nanoTime()}
	 */
	public GatewayMetrics(ConnectionRegistry connections, Collection<Listener> listeners, LongSupplier nanoTime) {
		this.connections = connections;
		this.pending = new Recent<>(this::pending, nanoTime);
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
			bindPending(registry, counts.listener.name(), "in", Pending::input);
			bindPending(registry, counts.listener.name(), "out", Pending::output);
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

	private void bindPending(MeterRegistry registry, String listener, String direction, ToLongFunction<Pending> value) {
		Gauge
			.builder("gateway.pending", this.pending,
					(all) -> value.applyAsLong(all.get().getOrDefault(listener, Pending.NONE)))
			.description("Bytes that wait for a worker (in) and for the peers (out)")
			.baseUnit("bytes")
			.tags("listener", listener, "direction", direction)
			.register(registry);
	}

	/** Walks over all connections once, for all listeners and both directions. */
	private Map<String, Pending> pending() {
		return this.connections.stream()
			.collect(Collectors.toMap(ConnectionInfo::listener,
					(each) -> new Pending(each.pendingInput(), each.pendingOutput()), Pending::plus));
	}

	/**
	 * Bytes that wait.
	 *
	 * @param input for a worker
	 * @param output for the peers
	 */
	private record Pending(long input, long output) {

		private static final Pending NONE = new Pending(0, 0);

		private Pending plus(Pending other) {
			return new Pending(this.input + other.input, this.output + other.output);
		}

	}

	/**
	 * Counts of one listener since the start. Any thread.
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
