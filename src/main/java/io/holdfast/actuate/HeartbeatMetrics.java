package io.holdfast.actuate;

import java.util.Collection;
import java.util.List;

import io.holdfast.liveness.HeartbeatResult;
import io.holdfast.liveness.Liveness;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;

/**
 * The metrics of heartbeats, on both sides of the gateway. Every series exists from the
 * start with 0.
 */
public final class HeartbeatMetrics implements MeterBinder {

	private final List<Liveness> all;

	/**
	 * Creates the metrics.
	 * @param all those of the listeners and those of the upstreams
	 */
	public HeartbeatMetrics(Collection<Liveness> all) {
		this.all = List.copyOf(all);
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		for (Liveness one : this.all) {
			// each series has both tags, see TrafficMeters
			boolean listener = one.side() == Liveness.Side.LISTENER;
			Tags tags = Tags.of("listener", listener ? one.name() : "", "upstream", listener ? "" : one.name());
			for (HeartbeatResult result : HeartbeatResult.values()) {
				FunctionCounter.builder("gateway.heartbeats", one, (liveness) -> liveness.count(result))
					.description("Heartbeats, by what became of them")
					.tags(tags.and("result", result.text()))
					.register(registry);
			}
		}
	}

}
