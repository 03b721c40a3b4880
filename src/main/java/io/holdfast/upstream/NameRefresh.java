package io.holdfast.upstream;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;

/**
 * Looks one endpoint's name up again and again, and tells the pool of each answer, so
 * that links to addresses that are gone end and new addresses take part. Guarded by this.
 */
final class NameRefresh {

	/** How soon a look-up that failed is tried again. */
	private static final Duration AFTER_FAILURE = Duration.ofSeconds(5);

	private static final Duration LEAST = Duration.ofSeconds(1);

	private final EndpointAddress name;

	private final NameLookup names;

	private final DnsSettings settings;

	private final EventLoop timers;

	private final Receiver receiver;

	private boolean running;

	private @Nullable ScheduledFuture<?> next;

	NameRefresh(EndpointAddress name, NameLookup names, DnsSettings settings, EventLoop timers, Receiver receiver) {
		this.name = name;
		this.names = names;
		this.settings = settings;
		this.timers = timers;
		this.receiver = receiver;
	}

	synchronized void start() {
		this.running = true;
		look();
	}

	synchronized void stop() {
		this.running = false;
		if (this.next != null) {
			this.next.cancel(false);
		}
	}

	private synchronized void look() {
		if (this.running) {
			this.names.addressesOf(this.name.host(), this.settings).whenComplete((found, failure) -> {
				if (found != null) {
					this.receiver.resolved(this.name, found);
				}
				later(found);
			});
		}
	}

	private synchronized void later(NameLookup.@Nullable Found found) {
		if (!this.running) {
			return;
		}
		Duration pause = (found == null || found.lasts().isZero()) ? AFTER_FAILURE : found.lasts();
		Duration bounded = (pause.compareTo(this.settings.refresh()) > 0) ? this.settings.refresh() : pause;
		long nanos = Math.max(LEAST.toNanos(), bounded.toNanos());
		try {
			this.next = this.timers.schedule(this::look, nanos, TimeUnit.NANOSECONDS);
		}
		catch (RejectedExecutionException ex) {
			// the loops have ended
		}
	}

	/** Names among the endpoints, without duplicates. */
	static List<EndpointAddress> among(List<EndpointAddress> endpoints) {
		return endpoints.stream().filter((each) -> !NameLookup.isAddress(each.host())).toList();
	}

	/**
	 * Told of answers, on the thread of the look-ups.
	 */
	@FunctionalInterface
	interface Receiver {

		void resolved(EndpointAddress name, NameLookup.Found found);

	}

}
