package io.holdfast.upstream;

import java.net.InetAddress;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

import io.holdfast.transport.EventLoops;
import io.holdfast.transport.NettyTcpConnection;
import io.holdfast.upstream.Waiters.Waiter;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;

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

	/**
	 * Expiry is spread over this share of the lifetime, so that links do not go at once.
	 */
	private static final double LIFETIME_SPREAD = 0.1;

	private static final long MIN_SWEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

	private static final long MAX_SWEEP_NANOS = TimeUnit.SECONDS.toNanos(1);

	private final String name;

	private final LinksSettings settings;

	private final EventLoops loops;

	private final LinkOpener opener;

	private final Endpoints endpoints;

	private final Condition condition;

	private final BiConsumer<Link, byte[]> unsolicited;

	private final Set<Link> links = new LinkedHashSet<>();

	private final Waiters waiters = new Waiters();

	private final Evictions evictions;

	private final Alarm alarm;

	private volatile UpstreamObserver observer = UpstreamObserver.NONE;

	private volatile boolean paused;

	/** Before this time nobody is refused for having waited, null for no such time. */
	private @Nullable Long patientUntilNanos;

	private volatile int usable;

	private boolean running;

	private boolean warm;

	private int opening;

	private long timeouts;

	private long connected;

	private long connectsFailed;

	private @Nullable ScheduledFuture<?> sweep;

	LinkPool(String name, LinksSettings settings, EventLoops loops, LinkOpener opener, Endpoints endpoints,
			Condition condition, BiConsumer<Link, byte[]> unsolicited) {
		this.name = name;
		this.settings = settings;
		this.loops = loops;
		this.opener = opener;
		this.endpoints = endpoints;
		this.condition = condition;
		this.unsolicited = unsolicited;
		this.evictions = new Evictions(settings, this.links, endpoints);
		this.alarm = new Alarm(loops, this::lookAgain);
	}

	void observe(UpstreamObserver newObserver) {
		this.observer = newObserver;
	}

	// lending

	/**
	 * Lends an idle link at once, or lets the borrower wait.
	 * @return null if the borrower will be called: granted or refused
	 */
	@Nullable Link acquire(Borrower borrower) {
		Link link = null;
		synchronized (this) {
			if (this.running && !this.paused && this.waiters.isEmpty()) {
				link = takeIdle(borrower);
			}
			if (link != null) {
				lend(link, borrower.keepsLink());
			}
			else {
				await(borrower);
			}
		}
		if (link != null) {
			this.observer.acquired(0);
		}
		return link;
	}

	private @Nullable Link takeIdle(Borrower borrower) {
		Link link = takeClean(borrower.eventLoop(), /* anyLoop= */ false);
		if (link == null && !borrower.keepsLink()) {
			link = takeClean(borrower.eventLoop(), /* anyLoop= */ true);
			if (link != null && hasRoom()) {
				open(borrower.eventLoop(), /* kept= */ false);
			}
		}
		return link;
	}

	private boolean hasRoom() {
		return this.links.size() + this.opening < this.settings.max();
	}

	private @Nullable Link takeClean(EventLoop loop, boolean anyLoop) {
		Link link;
		while ((link = this.endpoints.takeIdle(loop, anyLoop)) != null) {
			if (link.isClean()) {
				return link;
			}
			this.evictions.evict(link, Eviction.UNREAD);
		}
		return null;
	}

	/**
	 * Lends an idle link of the loop that leads to another endpoint than those held
	 * already. If there is none, one is opened where that is allowed, for the next call.
	 */
	@Nullable Link acquireBeside(EventLoop loop, Collection<Link> held) {
		Set<Endpoint> covered = held.stream().map(Link::endpoint).collect(Collectors.toSet());
		Link link;
		synchronized (this) {
			if (!this.running || this.paused || !this.waiters.isEmpty()) {
				return null;
			}
			link = this.endpoints.takeIdleBeside(loop, covered);
			if (link == null) {
				if (hasRoom()) {
					this.endpoints.toConnectBeside(covered, now())
						.ifPresent((endpoint) -> begin(loop, endpoint, now()));
				}
				return null;
			}
			if (!link.isClean()) {
				this.evictions.evict(link, Eviction.UNREAD);
				return null;
			}
			lend(link, /* kept= */ false);
		}
		this.observer.acquired(0);
		return link;
	}

	private void lend(Link link, boolean kept) {
		link.tenure.lent = true;
		link.tenure.kept = kept;
		link.tenure.sinceNanos = now();
		link.endpoint().lend();
	}

	private void await(Borrower borrower) {
		if (!this.running) {
			refuse(borrower, NoLinkException.Reason.STOPPED, "stopped");
			return;
		}
		if (this.waiters.count() >= this.settings.maxWaiting()) {
			refuse(borrower, NoLinkException.Reason.TOO_MANY_WAITING,
					"refused, because max-waiting=%d wait already".formatted(this.settings.maxWaiting()));
			return;
		}
		long now = now();
		long deadline = borrower.deadlineNanos(now + this.settings.acquireTimeout().toNanos());
		this.waiters.add(borrower, now, deadline);
		openWanted(now);
		this.alarm.at(deadline);
	}

	private void refuse(Borrower borrower, NoLinkException.Reason reason, String what) {
		NoLinkException refusal = new NoLinkException(reason,
				"upstream '%s' - %s (open=%d of %d, idle=%d, waiting=%d%s)".formatted(this.name, what,
						this.links.size(), this.settings.max(), this.endpoints.idle(), this.waiters.count(),
						this.paused ? ", paused" : ""));
		borrower.eventLoop().execute(() -> borrower.refused(refusal));
	}

	/** Waits no longer. Too late if the link is under way already. */
	synchronized void cancel(Borrower borrower) {
		this.waiters.remove(borrower);
	}

	/** On the link's loop: its user has no more need of it. */
	void release(Link link) {
		long used;
		synchronized (this) {
			if (!link.tenure.lent) {
				return;
			}
			long now = now();
			used = takeBack(link, now);
			if (!link.tenure.closed) {
				offerIfFit(link, now);
			}
		}
		this.observer.used(used);
	}

	private long takeBack(Link link, long now) {
		long used = now - link.tenure.sinceNanos;
		link.tenure.lent = false;
		link.tenure.sinceNanos = now;
		link.endpoint().takeBack();
		return used;
	}

	private void offerIfFit(Link link, long now) {
		Eviction unfit = this.evictions.unfitness(link, now);
		if (unfit != null) {
			this.evictions.evict(link, unfit);
		}
		else {
			offer(link);
		}
	}

	/** To whoever has waited longest and can use it, else to the idle ones. */
	private void offer(Link link) {
		Waiter waiter = this.paused ? null : this.waiters.takeFor(link);
		if (waiter == null) {
			link.endpoint().add(link);
			return;
		}
		Borrower borrower = waiter.borrower();
		lend(link, borrower.keepsLink());
		this.observer.acquired(now() - waiter.sinceNanos());
		borrower.eventLoop().execute(() -> borrower.granted(link));
	}

	/** Any thread: closes a link that cannot be used again, lent or not. */
	synchronized void discard(Link link, Eviction reason) {
		this.evictions.evict(link, reason);
	}

	/** On the link's loop: it is gone. */
	void ended(Link link) {
		long used = -1;
		synchronized (this) {
			if (!this.links.remove(link)) {
				return;
			}
			Endpoint endpoint = link.endpoint();
			endpoint.closed();
			endpoint.remove(link);
			long now = now();
			if (link.tenure.lent) {
				used = takeBack(link, now);
			}
			if (now - link.tenure.openedNanos < this.condition.provingNanos() && link.wasUseless()) {
				this.condition.connectFailed(endpoint, now);
			}
			link.tenure.closed = true;
			openWanted(now);
		}
		if (used >= 0) {
			this.observer.used(used);
		}
	}

	/** Any thread: a request had no reply. */
	synchronized void failed(Endpoint endpoint, boolean timedOut) {
		if (this.condition.failed(endpoint, timedOut, now())) {
			abandon(endpoint);
		}
	}

	void unsolicited(Link link, byte[] frame) {
		this.unsolicited.accept(link, frame);
	}

	// endpoints

	synchronized void answered(Endpoint endpoint) {
		this.condition.answered(endpoint, now());
	}

	/** Its idle links close, its other links end with what is in flight on them. */
	private void abandon(Endpoint endpoint) {
		this.usable = this.endpoints.usable();
		this.evictions.abandon(endpoint);
	}

	// opening

	/** Opens what min-idle and the waiters want, as far as the endpoints allow. */
	private void openWanted(long now) {
		if (!this.running) {
			return;
		}
		this.condition.endBans(now);
		this.usable = this.endpoints.usable();
		Waiter first = this.waiters.first();
		boolean kept = first != null && first.borrower().keepsLink();
		Iterator<Waiter> wanting = this.waiters.iterator();
		int coming = this.opening + (this.paused ? this.endpoints.idle() : 0);
		for (int skip = 0; skip < coming && wanting.hasNext(); skip++) {
			wanting.next();
		}
		while (wanting.hasNext() || (this.warm && this.endpoints.idle() + this.opening < this.settings.minIdle())) {
			if (!hasRoom()) {
				if (wanting.hasNext()) {
					makeRoom();
				}
				return;
			}
			EventLoop loop = wanting.hasNext() ? wanting.next().borrower().eventLoop() : this.loops.preferred();
			if (!open(loop, kept)) {
				return;
			}
		}
	}

	/**
	 * Gives up an idle link that nobody who waits can use, since it is on another loop.
	 */
	private void makeRoom() {
		Link unused = this.paused ? null
				: this.endpoints.takeIdle(this.loops.preferred(), /* anyLoop= */ true);
		if (unused != null) {
			this.evictions.evict(unused, Eviction.IDLE);
		}
	}

	private boolean open(EventLoop loop, boolean kept) {
		long now = now();
		int warm = this.settings.minIdle() - this.endpoints.idle() - this.opening;
		Endpoint endpoint = this.endpoints.toConnect(warm, kept, now);
		if (endpoint == null) {
			this.endpoints.stream()
				.filter((one) -> one.isWaiting(now))
				.mapToLong(Endpoint::nextAttemptNanos)
				.min()
				.ifPresent(this.alarm::at);
			return false;
		}
		begin(loop, endpoint, now);
		return true;
	}

	private void begin(EventLoop loop, Endpoint endpoint, long now) {
		// counted before connecting: two loops could otherwise both take the last slot
		this.opening++;
		endpoint.begin();
		loop.execute(() -> this.opener.open(loop, endpoint, new Opening(now)));
	}

	/** One attempt to connect, from the pool's point of view. */
	final class Opening {

		private final long startedNanos;

		private Opening(long startedNanos) {
			this.startedNanos = startedNanos;
		}

		/** A name was looked up; the attempt may go elsewhere now. */
		Endpoint resolved(Endpoint endpoint, List<InetAddress> addresses) {
			LinkPool pool = LinkPool.this;
			synchronized (pool) {
				pool.endpoints.resolved(endpoint.name(), addresses).forEach(pool::abandon);
				Endpoint successor = pool.endpoints.successorOf(endpoint);
				endpoint.giveUp();
				successor.begin();
				return successor;
			}
		}

		/** On the connection's loop, before anything is read. */
		Link introduce(Endpoint endpoint, NettyTcpConnection connection) {
			LinkPool pool = LinkPool.this;
			long now = pool.now();
			double spread = 1 - LIFETIME_SPREAD * ThreadLocalRandom.current().nextDouble();
			long lifetime = (long) (pool.settings.maxLifetime().toNanos() * spread);
			synchronized (pool) {
				return new Link(pool, endpoint, connection,
						new Link.Tenure(now, now + lifetime, pool.evictions.generation()));
			}
		}

		void succeeded(Link link) {
			LinkPool pool = LinkPool.this;
			long took = pool.now() - this.startedNanos;
			synchronized (pool) {
				pool.opening--;
				pool.connected++;
				link.endpoint().opened();
				pool.links.add(link);
				if (!pool.running) {
					pool.evictions.evict(link, Eviction.IDLE);
				}
				else {
					pool.condition.connected(link.endpoint(), pool.now());
					link.tenure.sinceNanos = pool.now();
					pool.offerIfFit(link, pool.now());
					pool.openWanted(pool.now());
				}
			}
			pool.observer.created(took);
		}

		void failed(Endpoint endpoint, Throwable cause) {
			LinkPool pool = LinkPool.this;
			synchronized (pool) {
				pool.opening--;
				pool.connectsFailed++;
				endpoint.giveUp();
				if (pool.running) {
					pool.condition.connectFailed(endpoint, cause, pool.links.isEmpty(), pool.now());
					pool.openWanted(pool.now());
				}
			}
		}

	}

	// time

	private long now() {
		return this.loops.nanoTime();
	}

	private synchronized void lookAgain() {
		this.alarm.off();
		long now = now();
		expireWaiters(now);
		openWanted(now);
	}

	private void expireWaiters(long now) {
		Long patient = this.patientUntilNanos;
		if (patient != null && now - patient < 0) {
			this.alarm.at(patient);
			return;
		}
		this.patientUntilNanos = null;
		Waiter first = this.waiters.first();
		while (first != null && now - first.deadlineNanos() >= 0) {
			this.timeouts++;
			refuse(first.borrower(), NoLinkException.Reason.TIMED_OUT, timeIsOver());
			this.waiters.remove(first.borrower());
			first = this.waiters.first();
		}
		if (first != null) {
			this.alarm.at(first.deadlineNanos());
		}
	}

	private String timeIsOver() {
		return this.paused
				? "no link, because it has been paused for longer than pause-timeout=%d ms"
					.formatted(this.settings.pauseTimeout().toMillis())
				: "no link within %d ms".formatted(this.settings.acquireTimeout().toMillis());
	}

	private synchronized void sweep() {
		long now = now();
		this.links.stream()
			.filter((link) -> now - link.tenure.openedNanos >= this.condition.provingNanos())
			.forEach((link) -> this.condition.lived(link.endpoint()));
		this.evictions.sweep(now);
		openWanted(now);
	}

	// commands

	synchronized void start() {
		this.running = true;
		long period = Math.min(this.settings.idleTimeout().toNanos(), this.settings.maxLifetime().toNanos()) / 4;
		period = Math.max(MIN_SWEEP_NANOS, Math.min(MAX_SWEEP_NANOS, period));
		this.sweep = this.loops.preferred().scheduleAtFixedRate(this::sweep, period, period, TimeUnit.NANOSECONDS);
		this.usable = this.endpoints.usable();
	}

	synchronized void warmUp() {
		this.warm = true;
		openWanted(now());
	}

	/** Refuses everybody and closes what is idle; what is lent ends with its users. */
	synchronized void stop() {
		this.running = false;
		if (this.sweep != null) {
			this.sweep.cancel(false);
		}
		this.alarm.off();
		this.waiters.forEach((waiter) -> refuse(waiter.borrower(), NoLinkException.Reason.STOPPED, "stopped"));
		this.waiters.clear();
	}

	/** Lends nothing; whoever waits is kept for the pause timeout from now on. */
	synchronized void pause() {
		this.paused = true;
		this.patientUntilNanos = now() + this.settings.pauseTimeout().toNanos();
	}

	boolean isPaused() {
		return this.paused;
	}

	/** Lends again; whoever waits has the acquire timeout from now on. */
	synchronized void resume() {
		if (!this.paused) {
			return;
		}
		long now = now();
		this.paused = false;
		long patient = now + this.settings.acquireTimeout().toNanos();
		this.patientUntilNanos = patient;
		// most pauses are for a restart, so the server is there again
		this.endpoints.stream().forEach((endpoint) -> endpoint.mayConnectAt(now));
		Waiter first = this.waiters.first();
		while (first != null) {
			Link link = takeIdle(first.borrower());
			if (link == null) {
				break;
			}
			offer(link);
			first = this.waiters.first();
		}
		openWanted(now);
		this.alarm.at(patient);
	}

	/**
	 * Replaces every link: idle ones now, those in use when they are given back.
	 * @return how many
	 */
	synchronized int reconnect() {
		int replaced = this.evictions.retireAll();
		sweep();
		return replaced;
	}

	/** Read for each frame, so without the lock. */
	int endpointCount() {
		return this.usable;
	}

	synchronized UpstreamInfo info() {
		long now = now();
		List<EndpointInfo> views = this.endpoints.stream().map((endpoint) -> EndpointInfo.of(endpoint, now)).toList();
		int lent = (int) this.links.stream().filter((link) -> link.tenure.lent).count();
		return new UpstreamInfo(this.name, this.condition.isDown(), this.paused,
				new UpstreamInfo.Links(this.links.size(), lent, this.endpoints.idle(), this.opening,
						this.settings.max(), this.settings.minIdle()),
				this.waiters.count(), this.waiters.longestWait(now), this.timeouts, this.connected, this.connectsFailed,
				this.evictions.counts(), views);
	}

}
