package io.holdfast.actuate;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

import io.holdfast.upstream.Eviction;
import io.holdfast.upstream.LinksSettings;
import io.holdfast.upstream.Upstream;
import io.holdfast.upstream.UpstreamInfo;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;

/**
 * The metrics of upstreams and their links, in the shape that HikariCP gave to those of
 * pools. Every series exists from the start with 0. All of an upstream's share one
 * snapshot a scrape, so that its pool is locked once.
 */
public final class UpstreamMetrics implements MeterBinder {

	private static final double NANOS_PER_SECOND = 1e9;

	private final List<Upstream> upstreams;

	/** Held here: gauges refer to them weakly. */
	private final Map<String, Recent<UpstreamInfo>> snapshots = new HashMap<>();

	/**
	 * Creates the metrics.
	 * @param upstreams all upstreams; observed, in place of any other observer, once the
	 * metrics are bound
	 * @param nanoTime as {@link System#nanoTime()}
	 */
	public UpstreamMetrics(Collection<Upstream> upstreams, LongSupplier nanoTime) {
		this.upstreams = List.copyOf(upstreams);
		upstreams.forEach((upstream) -> this.snapshots.put(upstream.name(), new Recent<>(upstream::info, nanoTime)));
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		TrafficMeters traffic = new TrafficMeters(registry);
		this.upstreams.forEach((upstream) -> {
			Tags tags = Tags.of("upstream", upstream.name());
			bindLinks(registry, upstream, tags);
			bindBorrowers(registry, upstream, tags);
			bindEnds(registry, upstream, tags);
			traffic.bind(upstream);
			upstream.observe(new LinkTimers(registry, tags));
		});
	}

	private void bindLinks(MeterRegistry registry, Upstream upstream, Tags tags) {
		LinksSettings settings = upstream.settings().links();
		gauge("gateway.links", upstream, (info) -> info.links().open()).description("Links that are open")
			.tags(tags)
			.register(registry);
		gauge("gateway.links.active", upstream, (info) -> info.links().lent()).description("Links that are lent")
			.tags(tags)
			.register(registry);
		gauge("gateway.links.idle", upstream, (info) -> info.links().idle()).description("Links that are idle")
			.tags(tags)
			.register(registry);
		Gauge.builder("gateway.links.max", settings::max)
			.description("Most links that may be open")
			.tags(tags)
			.register(registry);
		Gauge.builder("gateway.links.min", settings::minIdle)
			.description("Links that are kept open though nobody uses them")
			.tags(tags)
			.register(registry);
	}

	private void bindBorrowers(MeterRegistry registry, Upstream upstream, Tags tags) {
		gauge("gateway.links.pending", upstream, UpstreamInfo::waiting).description("Borrowers that wait for a link")
			.tags(tags)
			.register(registry);
		gauge("gateway.links.maxwait", upstream, (info) -> info.longestWait().toNanos() / NANOS_PER_SECOND)
			.description("How long the first of those borrowers has waited")
			.baseUnit("seconds")
			.tags(tags)
			.register(registry);
		counter("gateway.links.timeout", upstream, UpstreamInfo::timeouts)
			.description("Borrowers that have waited in vain")
			.tags(tags)
			.register(registry);
	}

	private void bindEnds(MeterRegistry registry, Upstream upstream, Tags tags) {
		for (Eviction reason : Eviction.values()) {
			counter("gateway.links.evicted", upstream, (info) -> info.evicted().getOrDefault(reason, 0L))
				.description("Links that the pool has closed of its own accord, by reason")
				.tags(tags.and("reason", reason.text()))
				.register(registry);
		}
		bindReconnects(registry, upstream, tags.and("result", "connected"), UpstreamInfo::connected);
		bindReconnects(registry, upstream, tags.and("result", "failed"), UpstreamInfo::connectsFailed);
	}

	private void bindReconnects(MeterRegistry registry, Upstream upstream, Tags tags,
			ToLongFunction<UpstreamInfo> count) {
		counter("gateway.reconnects", upstream, count).description("Attempts to connect, by result")
			.tags(tags)
			.register(registry);
	}

	private Gauge.Builder<Recent<UpstreamInfo>> gauge(String name, Upstream upstream,
			ToDoubleFunction<UpstreamInfo> value) {
		return Gauge.builder(name, snapshots(upstream), (recent) -> value.applyAsDouble(recent.get()));
	}

	private FunctionCounter.Builder<Recent<UpstreamInfo>> counter(String name, Upstream upstream,
			ToLongFunction<UpstreamInfo> count) {
		return FunctionCounter.builder(name, snapshots(upstream), (recent) -> count.applyAsLong(recent.get()));
	}

	private Recent<UpstreamInfo> snapshots(Upstream upstream) {
		return Objects.requireNonNull(this.snapshots.get(upstream.name()));
	}

}
