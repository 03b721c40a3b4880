package io.holdfast.actuate;

import java.util.function.Function;
import java.util.function.ToDoubleFunction;

import io.holdfast.listener.Listener;
import io.holdfast.transport.TrafficTotals;
import io.holdfast.upstream.Upstream;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;

/**
 * Meters what passes through a listener or an upstream, under the same names. Prometheus
 * refuses two meters of one name with different tags, so each series has both tags, and
 * the one that does not apply is empty: to Prometheus that is the same as absent.
 */
final class TrafficMeters {

	private static final String NOT_APPLICABLE = "";

	private final MeterRegistry registry;

	TrafficMeters(MeterRegistry registry) {
		this.registry = registry;
	}

	void bind(Listener listener) {
		bind(Tags.of("listener", listener.name(), "upstream", NOT_APPLICABLE), listener, Listener::traffic);
	}

	void bind(Upstream upstream) {
		bind(Tags.of("listener", NOT_APPLICABLE, "upstream", upstream.name()), upstream, Upstream::traffic);
	}

	private <T> void bind(Tags tags, T owner, Function<T, TrafficTotals> traffic) {
		bind(tags.and("direction", "in"), owner, (one) -> traffic.apply(one).framesIn(),
				(one) -> traffic.apply(one).bytesIn());
		bind(tags.and("direction", "out"), owner, (one) -> traffic.apply(one).framesOut(),
				(one) -> traffic.apply(one).bytesOut());
	}

	private <T> void bind(Tags tags, T owner, ToDoubleFunction<T> frames, ToDoubleFunction<T> bytes) {
		FunctionCounter.builder("gateway.frames", owner, frames)
			.description("Frames received (in) and sent (out)")
			.tags(tags)
			.register(this.registry);
		FunctionCounter.builder("gateway.bytes", owner, bytes)
			.description("Bytes received (in) and sent (out)")
			.baseUnit("bytes")
			.tags(tags)
			.register(this.registry);
	}

}
