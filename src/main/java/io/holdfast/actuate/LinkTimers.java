package io.holdfast.actuate;

import java.util.concurrent.TimeUnit;

import io.holdfast.upstream.UpstreamObserver;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;

/**
 * Times how links are borrowed, used and opened.
 */
final class LinkTimers implements UpstreamObserver {

	private final Timer acquire;

	private final Timer usage;

	private final Timer creation;

	LinkTimers(MeterRegistry registry, Tags tags) {
		this.acquire = Timer.builder("gateway.links.acquire")
			.description("How long borrowers of a link have waited for it")
			.tags(tags)
			.register(registry);
		this.usage = Timer.builder("gateway.links.usage")
			.description("How long links were lent")
			.tags(tags)
			.register(registry);
		this.creation = Timer.builder("gateway.links.creation")
			.description("How long it took to open links, name look-up and TLS included")
			.tags(tags)
			.register(registry);
	}

	@Override
	public void acquired(long nanos) {
		this.acquire.record(nanos, TimeUnit.NANOSECONDS);
	}

	@Override
	public void used(long nanos) {
		this.usage.record(nanos, TimeUnit.NANOSECONDS);
	}

	@Override
	public void created(long nanos) {
		this.creation.record(nanos, TimeUnit.NANOSECONDS);
	}

}
