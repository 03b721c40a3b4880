package io.holdfast.upstream;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import io.holdfast.transport.EventLoops;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The links of one upstream: which are idle, which are lent, who waits for one, and when
 * one is opened or closed. All state is guarded by one lock, held for moments and never
 * while anything is sent, opened, closed or called back: that is left to event loops.
 * <p>
 * A link belongs to the loop it was opened on. A borrower gets an idle link of its own
 * loop; else any idle link, while one is opened for its loop; else it waits. One that
 * keeps its link takes it on its own loop only. Waiters are served in the order of their
 * arrival by whatever link comes that they can use.
 */
final class LinkPool {

	private static final Logger logger = LoggerFactory.getLogger(Upstream.class);

	private static final long MIN_SWEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

	private static final long MAX_SWEEP_NANOS = TimeUnit.SECONDS.toNanos(1);

	private final String name;

	private final LinksSettings settings;

	private final Stock stock;

	private final Condition condition;

	private final Unheld unheld;

	private final Waiting waiting;

	private final Lending lending;

	private final Evictions evictions;

	private final Supply supply;

	private final Alarm alarm;

	private volatile UpstreamObserver observer = UpstreamObserver.NONE;

	private volatile int usable;

	private boolean running;

	private @Nullable ScheduledFuture<?> sweep;

	LinkPool(String name, LinksSettings settings, EventLoops loops, LinkOpener opener, Endpoints endpoints,
			Condition condition, Unheld unheld) {
		this.name = name;
		this.settings = settings;
		this.stock = Stock.empty(settings, loops, endpoints);
		this.condition = condition;
		this.unheld = unheld;
		this.evictions = new Evictions(this.stock);
		this.alarm = new Alarm(loops, this::lookAgain);
		this.waiting = new Waiting(name, this.stock, this.alarm);
		this.supply = new Supply(this, this.stock, this.evictions, opener, this.alarm);
		this.lending = new Lending(this.stock, this.evictions, this.waiting, this.supply);
	}

	synchronized void observe(UpstreamObserver newObserver) {
		UpstreamObserver guarded = new GuardedObserver(this.name, newObserver);
		this.observer = guarded;
		this.lending.observe(guarded);
	}

	UpstreamObserver observer() {
		return this.observer;
	}

	// lending

	/**
	 * Lends an idle link at once, or lets the borrower wait.
	 * @return null if the borrower will be called: granted or refused
	 */
	@Nullable Link acquire(Borrower borrower) {
		Link link = null;
		synchronized (this) {
			// those who wait cannot use what is idle: it would have been lent to them
			if (this.running && !isPaused()) {
				link = this.lending.lendIdle(borrower);
			}
			if (link == null) {
				await(borrower);
			}
			else if (link.eventLoop() != borrower.eventLoop()) {
				this.supply.openFor(borrower.eventLoop());
			}
		}
		if (link != null) {
			this.observer.acquired(0);
		}
		return link;
	}

	/**
	 * Lends an idle link of the loop that leads to another endpoint than those held
	 * already. If there is none, one is opened where that is allowed, for the next call.
	 */
	@Nullable Link acquireBeside(EventLoop loop, Collection<Link> held) {
		Set<Endpoint> covered = held.stream().map(Link::endpoint).collect(Collectors.toSet());
		Link link;
		synchronized (this) {
			if (!this.running || isPaused()) {
				return null;
			}
			link = this.lending.lendBeside(loop, covered);
			if (link == null) {
				if (this.stock.waiters().isEmpty()) {
					this.supply.openBeside(loop, covered);
				}
				return null;
			}
		}
		this.observer.acquired(0);
		return link;
	}

	private void await(Borrower borrower) {
		if (!this.running) {
			this.waiting.refuse(borrower, NoLinkException.Reason.STOPPED, "stopped");
		}
		else if (this.waiting.add(borrower)) {
			openWanted(now());
		}
	}

	/** Waits no longer. Too late if the link is under way already. */
	synchronized void cancel(Borrower borrower) {
		this.stock.waiters().remove(borrower);
	}

	/** On the link's loop: its user has no more need of it. */
	void release(Link link) {
		long used;
		synchronized (this) {
			if (!link.tenure.lent) {
				return;
			}
			used = this.lending.takeBack(link);
			if (!link.tenure.closed && this.lending.offer(link) && !this.stock.waiters().isEmpty()) {
				openWanted(now());
			}
		}
		this.observer.used(used);
	}

	/** Any thread: closes a link that cannot be used again, lent or not. */
	synchronized void discard(Link link, Eviction reason) {
		this.evictions.evict(link, reason);
	}

	/**
	 * On the link's loop: it is gone.
	 * @return whether it was lent
	 */
	boolean ended(Link link) {
		long used = -1;
		synchronized (this) {
			if (!this.stock.links().remove(link)) {
				return false;
			}
			Endpoint endpoint = link.endpoint();
			endpoint.closed();
			endpoint.remove(link);
			long now = now();
			if (link.tenure.lent) {
				used = this.lending.takeBack(link);
			}
			FleetingLinkException useless = this.evictions.uselessness(link, this.condition.provingNanos(), now);
			if (useless != null) {
				this.condition.connectFailed(endpoint, useless, this.stock.links().isEmpty(), now);
			}
			this.evictions.gone(link);
			openWanted(now);
		}
		if (used < 0) {
			return false;
		}
		this.observer.used(used);
		return true;
	}

	/** Any thread: a request had no reply. */
	synchronized void failed(Endpoint endpoint, Object client, boolean timedOut) {
		if (this.condition.failed(endpoint, client, timedOut, now())) {
			abandon(endpoint);
		}
	}

	Unheld unheld() {
		return this.unheld;
	}

	// endpoints

	synchronized void answered(Link link) {
		this.condition.answered(link.endpoint(), link.tenure.openedNanos, now());
	}

	/** Its idle links close, its other links end with what is in flight on them. */
	void abandon(Endpoint endpoint) {
		this.usable = this.stock.endpoints().usable();
		this.evictions.abandon(endpoint);
	}

	/** Any thread: a name stands for these addresses now. */
	synchronized void resolved(EndpointAddress name, NameLookup.Found found) {
		if (this.running) {
			this.stock.endpoints().resolved(name, found.addresses()).forEach(this::abandon);
			openWanted(now());
		}
	}

	// opening

	/** Opens what min-idle and the waiters want, as far as the endpoints allow. */
	private void openWanted(long now) {
		if (!this.running) {
			return;
		}
		this.condition.endBans(now);
		this.usable = this.stock.endpoints().usable();
		this.supply.openWanted(isPaused(), now);
	}

	/** Takes over a link that was opened. */
	void opened(Link link, boolean replaces) {
		this.stock.links().add(link);
		// beyond max come those that were not waited for any longer
		if (!this.running || this.stock.links().size() > this.settings.max()) {
			this.evictions.evict(link, Eviction.IDLE);
			return;
		}
		long now = now();
		this.condition.connected(link.endpoint(), now);
		link.tenure.sinceNanos = now;
		this.lending.offer(link);
		if (replaces) {
			this.evictions.replaceBy(link, now);
		}
		openWanted(now);
	}

	void failedToOpen(Endpoint endpoint, Throwable cause) {
		if (this.running) {
			long now = now();
			ConnectCause words = ConnectCause.of(cause);
			if (words.own()) {
				this.supply.holdBack(now + this.condition.provingNanos());
				this.condition.limited(words, this.stock.links().isEmpty(), now);
			}
			else {
				this.condition.connectFailed(endpoint, cause, this.stock.links().isEmpty(), now);
			}
			openWanted(now);
		}
	}

	// time

	private long now() {
		return this.stock.now();
	}

	private synchronized void lookAgain() {
		this.alarm.off();
		long now = now();
		this.waiting.expire(now);
		openWanted(now);
	}

	private void sweepSafely() {
		try {
			sweep();
		}
		catch (RuntimeException ex) {
			// thrown on, it would be the last sweep
			logger.error("upstream '{}' - its links were not looked after this time", this.name, ex);
		}
	}

	private synchronized void sweep() {
		long now = now();
		this.stock.links()
			.stream()
			.filter((link) -> now - link.tenure.openedNanos >= this.condition.provingNanos())
			.forEach((link) -> this.condition.lived(link.endpoint(), link.tenure.openedNanos, now));
		this.stock.endpoints().stream().forEach((endpoint) -> endpoint.tally().sample(now));
		this.evictions.sweep(now);
		openWanted(now);
	}

	// commands

	synchronized void start() {
		this.running = true;
		long period = Math.min(this.settings.idleTimeout().toNanos(), this.settings.maxLifetime().toNanos()) / 4;
		period = Math.max(MIN_SWEEP_NANOS, Math.min(MAX_SWEEP_NANOS, period));
		this.sweep = this.stock.loops()
			.preferred()
			.scheduleAtFixedRate(this::sweepSafely, period, period, TimeUnit.NANOSECONDS);
		this.usable = this.stock.endpoints().usable();
	}

	synchronized void warmUp() {
		this.supply.warmUp();
		openWanted(now());
	}

	/** Refuses everybody and closes what is idle; what is lent ends with its users. */
	synchronized void stop() {
		this.running = false;
		if (this.sweep != null) {
			this.sweep.cancel(false);
		}
		this.alarm.off();
		this.waiting.refuseAll();
	}

	/** Lends nothing; whoever waits is kept for the pause timeout from now on. */
	synchronized void pause() {
		this.waiting.pause(now());
	}

	/** Any thread. */
	boolean isPaused() {
		return this.waiting.isPaused();
	}

	/** Lends again; whoever waits has the acquire timeout from now on. */
	synchronized void resume() {
		if (!isPaused()) {
			return;
		}
		long now = now();
		this.waiting.resume(now);
		// most pauses are for a restart, so the server is there again
		this.stock.endpoints().stream().forEach((endpoint) -> endpoint.mayConnectAt(now));
		this.lending.offerIdle();
		openWanted(now);
	}

	/**
	 * Replaces every link that no client keeps, each once a newer one is open.
	 * @return how many
	 */
	synchronized int reconnect() {
		int replaced = this.evictions.outdateAll(now());
		sweep();
		return replaced;
	}

	/** Read for each frame, so without the lock. */
	int endpointCount() {
		return this.usable;
	}

	synchronized UpstreamInfo info() {
		long now = now();
		List<EndpointInfo> views = this.stock.endpoints()
			.stream()
			.map((endpoint) -> EndpointInfo.of(endpoint, now))
			.toList();
		int lent = (int) this.stock.links().stream().filter((link) -> link.tenure.lent).count();
		return new UpstreamInfo(this.name, this.condition.isDown(), isPaused(),
				new UpstreamInfo.Links(this.stock.links().size(), lent, this.stock.endpoints().idle(),
						this.supply.opening(), this.settings.max(), this.settings.minIdle()),
				this.stock.waiters().count(), this.stock.waiters().longestWait(now), this.waiting.timeouts(),
				this.supply.connected(), this.supply.failed(), this.evictions.counts(), views);
	}

}
