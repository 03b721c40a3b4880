package io.holdfast.upstream;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

import io.holdfast.transport.NettyTcpConnection;
import io.holdfast.upstream.Waiters.Waiter;
import io.netty.channel.EventLoop;

/**
 * Opens the links of a pool: for borrowers that wait, and to keep min-idle. Guarded by
 * the pool's lock; attempts to connect run on event loops without it, and come back as
 * {@link Opening}.
 * <p>
 * An attempt is not relied on if its endpoint failed when it was connected to last, or if
 * it hangs: another endpoint is tried beside it for the same waiter.
 */
final class Supply {

	/**
	 * Expiry is spread over this share of the lifetime, so that links do not go at once.
	 */
	private static final double LIFETIME_SPREAD = 0.1;

	/**
	 * An attempt hangs after this time, or an eighth of the acquire timeout if that is
	 * less.
	 */
	private static final long MAX_PROMPT_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

	private final LinkPool pool;

	private final Stock stock;

	private final Evictions evictions;

	private final LinkOpener opener;

	private final Alarm alarm;

	private final long promptNanos;

	private boolean warm;

	private boolean heldBack;

	private long heldBackUntilNanos;

	/** Under way, the oldest first. */
	private final Set<Opening> attempts = new LinkedHashSet<>();

	private long connected;

	private long failed;

	Supply(LinkPool pool, Stock stock, Evictions evictions, LinkOpener opener, Alarm alarm) {
		this.pool = pool;
		this.stock = stock;
		this.evictions = evictions;
		this.opener = opener;
		this.alarm = alarm;
		this.promptNanos = Math.min(MAX_PROMPT_NANOS, stock.settings().acquireTimeout().toNanos() / 8);
	}

	/** Keeps min-idle from now on. */
	void warmUp() {
		this.warm = true;
	}

	/** How many attempts are under way. */
	int opening() {
		return this.attempts.size();
	}

	/** How many attempts have succeeded. */
	long connected() {
		return this.connected;
	}

	/** How many attempts have failed. */
	long failed() {
		return this.failed;
	}

	/**
	 * Those that hang take no room: if one succeeds after all and there is none, it is
	 * closed.
	 */
	private boolean hasRoom() {
		long hanging = this.attempts.stream().filter((attempt) -> attempt.hanging).count();
		return this.stock.links().size() + this.attempts.size() - hanging < this.stock.settings().max();
	}

	/** Opens nothing before this time, since this machine cannot. */
	void holdBack(long untilNanos) {
		this.heldBack = true;
		this.heldBackUntilNanos = untilNanos;
	}

	private boolean isHeldBack(long now) {
		this.heldBack = this.heldBack && now - this.heldBackUntilNanos < 0;
		if (this.heldBack) {
			this.alarm.at(this.heldBackUntilNanos);
		}
		return this.heldBack;
	}

	private void findHanging(long now) {
		for (Opening attempt : this.attempts) {
			if (now - attempt.startedNanos < this.promptNanos) {
				return;
			}
			attempt.hang();
		}
	}

	/** Opens what min-idle and the waiters want, as far as the endpoints allow. */
	void openWanted(boolean paused, long now) {
		findHanging(now);
		if (isHeldBack(now)) {
			return;
		}
		if (openForWaiters(paused, now) && keepWarm(now)) {
			openNewer(now);
		}
		if (this.evictions.outdated() > 0 && !hasRoom() && this.attempts.isEmpty() && this.evictions.closing() == 0
				&& this.stock.endpoints().hasSound()) {
			this.evictions.makeRoomForNewer(now);
		}
	}

	/** Returns whether min-idle are idle or under way. */
	private boolean keepWarm(long now) {
		while (this.warm && missing() > 0) {
			if (!hasRoom() || !open(this.stock.loops().preferred(), Purpose.ANY, now)) {
				return false;
			}
		}
		return true;
	}

	/** Opens links in place of outdated ones, which go when these are open. */
	private void openNewer(long now) {
		long underWay = this.attempts.stream().filter((attempt) -> attempt.purpose == Purpose.REPLACE).count();
		for (long i = underWay; i < this.evictions.outdated() && hasRoom(); i++) {
			if (!open(this.stock.loops().preferred(), Purpose.REPLACE, now)) {
				return;
			}
		}
	}

	/** Returns whether no waiter is left who wants one more. */
	private boolean openForWaiters(boolean paused, long now) {
		Coming coming = coming(paused);
		int lacking = 0;
		for (Waiter waiter : this.stock.waiters()) {
			if (coming.covers(waiter)) {
				continue;
			}
			if (!hasRoom()) {
				lacking++;
				if (paused || (lacking > this.evictions.closing() && !this.evictions.makeRoom())) {
					return false;
				}
			}
			else if (!open(waiter.borrower().eventLoop(), waiter.borrower().keepsLink() ? Purpose.KEEP : Purpose.ANY,
					now)) {
				return false;
			}
		}
		return lacking == 0;
	}

	/** Whether a link that the waiter can use is under way, or there is room for one. */
	boolean isComing(Waiter waiter) {
		return hasRoom() || this.evictions.closing() > 0 || coming(/* paused= */ false).covers(waiter);
	}

	/** Links that are idle while the pool is paused are lent when it is resumed. */
	private Coming coming(boolean paused) {
		Coming coming = new Coming(paused ? this.stock.endpoints().idleByLoop() : new HashMap<>());
		this.attempts.stream().filter(Opening::isSound).forEach((attempt) -> coming.add(attempt.loop));
		return coming;
	}

	/** How many links are missing to have min-idle. */
	private int missing() {
		int sound = (int) this.attempts.stream().filter(Opening::isSound).count();
		return this.stock.settings().minIdle() - this.stock.endpoints().idle() - sound;
	}

	/** Opens a link for a loop that has borrowed one of another, if there is room. */
	void openFor(EventLoop loop) {
		if (hasRoom() && !isHeldBack(this.stock.now())) {
			open(loop, Purpose.ANY, this.stock.now());
		}
	}

	/** Opens a link to an endpoint that is none of these, if there is room. */
	void openBeside(EventLoop loop, Set<Endpoint> covered) {
		if (hasRoom() && !isHeldBack(this.stock.now())) {
			long now = this.stock.now();
			this.stock.endpoints()
				.toConnectBeside(covered, now)
				.ifPresent((endpoint) -> begin(loop, endpoint, Purpose.ANY, now));
		}
	}

	/**
	 * Begins an attempt, and others beside it to endpoints that failed before and may be
	 * tried again, since nobody would find out otherwise that they are back.
	 * @return whether one has begun that is likely to succeed
	 */
	private boolean open(EventLoop loop, Purpose purpose, long now) {
		Endpoint endpoint = this.stock.endpoints().toConnect(missing(), purpose == Purpose.KEEP, now);
		if (endpoint == null) {
			this.stock.endpoints()
				.stream()
				.filter((one) -> one.isWaiting(now))
				.mapToLong(Endpoint::nextAttemptNanos)
				.min()
				.ifPresent(this.alarm::at);
			return false;
		}
		boolean sound = !endpoint.isDoubtful();
		boolean begun = begin(loop, endpoint, purpose, now);
		if (sound && begun) {
			this.stock.endpoints()
				.toProbe(now)
				.filter((doubtful) -> hasRoom())
				.forEach((doubtful) -> begin(loop, doubtful, Purpose.ANY, now));
		}
		return sound && begun;
	}

	/** Returns false if the loop has ended. */
	private boolean begin(EventLoop loop, Endpoint endpoint, Purpose purpose, long now) {
		// counted before connecting: two loops could otherwise both take the last slot
		Opening attempt = new Opening(loop, endpoint, purpose, now);
		this.attempts.add(attempt);
		endpoint.begin();
		lookAgainIfItHangs(now);
		return Stock.run(loop, attempt::start) || !attempt.giveUp();
	}

	private void lookAgainIfItHangs(long now) {
		if (this.stock.endpoints().count() > 1) {
			this.alarm.at(now + this.promptNanos);
		}
	}

	/**
	 * One attempt to connect. Its methods take the pool's lock. Ends once, with a link or
	 * with a failure, whatever is called after that.
	 */
	final class Opening {

		private final EventLoop loop;

		private final long startedNanos;

		private final Purpose purpose;

		private final boolean doubtful;

		private Endpoint endpoint;

		private boolean hanging;

		private Opening(EventLoop loop, Endpoint endpoint, Purpose purpose, long startedNanos) {
			this.loop = loop;
			this.purpose = purpose;
			this.endpoint = endpoint;
			this.doubtful = endpoint.isDoubtful();
			this.startedNanos = startedNanos;
		}

		/** Whether it is likely to succeed soon. */
		private boolean isSound() {
			return !this.doubtful && !this.hanging;
		}

		private void hang() {
			if (!this.hanging) {
				this.hanging = true;
				this.endpoint.hang(1);
			}
		}

		private void start() {
			try {
				Supply.this.opener.open(this.loop, this.endpoint, this);
			}
			catch (RuntimeException ex) {
				failed(ex);
			}
		}

		/**
		 * A name was looked up, so that the attempt may go elsewhere now.
		 * @return where it goes
		 */
		Endpoint resolved(List<InetAddress> addresses) {
			Supply supply = Supply.this;
			synchronized (supply.pool) {
				Endpoints endpoints = supply.stock.endpoints();
				Endpoint before = this.endpoint;
				endpoints.resolved(before.name(), addresses).forEach(supply.pool::abandon);
				Endpoint successor = endpoints.successorOf(before);
				before.giveUp();
				successor.begin();
				this.endpoint = successor;
				if (this.hanging) {
					before.hang(-1);
					successor.hang(1);
				}
				supply.lookAgainIfItHangs(supply.stock.now());
				return successor;
			}
		}

		/** On the connection's loop, before anything is read. */
		Link introduce(NettyTcpConnection connection) {
			Supply supply = Supply.this;
			long now = supply.stock.now();
			double spread = 1 - LIFETIME_SPREAD * ThreadLocalRandom.current().nextDouble();
			long lifetime = (long) (supply.stock.settings().maxLifetime().toNanos() * spread);
			synchronized (supply.pool) {
				return new Link(supply.pool, this.endpoint, connection,
						new Link.Tenure(now, now + lifetime, supply.evictions.generation()));
			}
		}

		void succeeded(Link link) {
			Supply supply = Supply.this;
			synchronized (supply.pool) {
				if (!end()) {
					return;
				}
				supply.connected++;
				link.endpoint().opened();
				supply.pool.opened(link, this.purpose == Purpose.REPLACE);
			}
			supply.pool.observer().created(supply.stock.now() - this.startedNanos);
		}

		void failed(Throwable cause) {
			Supply supply = Supply.this;
			synchronized (supply.pool) {
				if (giveUp()) {
					supply.failed++;
					supply.pool.failedToOpen(this.endpoint, cause);
				}
			}
		}

		/** Within the lock. */
		private boolean giveUp() {
			boolean underWay = end();
			if (underWay) {
				this.endpoint.giveUp();
			}
			return underWay;
		}

		private boolean end() {
			boolean underWay = Supply.this.attempts.remove(this);
			if (underWay && this.hanging) {
				this.endpoint.hang(-1);
			}
			return underWay;
		}

	}

	/** The purpose that a link is opened for. */
	private enum Purpose {

		/** Whoever can use it. */
		ANY,

		/** A borrower that keeps it; several such attempts may run at once. */
		KEEP,

		/** To let an outdated link go. */
		REPLACE

	}

}
