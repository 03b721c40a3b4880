package io.holdfast.actuate;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.holdfast.route.Outcome;
import io.holdfast.route.Relay;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;

/**
 * The metrics of listeners that relay: what became of their frames, and how long replies
 * took. Every series exists from the start with 0.
 */
public final class RelayMetrics implements MeterBinder {

	private final List<Relay> relays;

	/**
	 * Creates the metrics.
	 * @param relays all relays; observed, in place of any other observer, once the
	 * metrics are bound
	 */
	public RelayMetrics(Collection<Relay> relays) {
		this.relays = List.copyOf(relays);
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		for (Relay relay : this.relays) {
			Tags tags = Tags.of("listener", relay.listener());
			for (Outcome outcome : Outcome.values()) {
				FunctionCounter.builder("gateway.route.outcomes", relay, (one) -> one.count(outcome))
					.description("Frames, by what became of them")
					.tags(tags.and("outcome", outcome.text()))
					.register(registry);
			}
			Timer latency = Timer.builder("gateway.route.latency")
				.description("From the receipt of a request to its reply's way to the client")
				.tags(tags)
				.register(registry);
			relay.observe((nanos) -> latency.record(nanos, TimeUnit.NANOSECONDS));
		}
	}

}
