package io.holdfast.upstream;

import java.net.InetAddress;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

import io.holdfast.transport.NettyTcpConnection;
import io.holdfast.upstream.Waiters.Waiter;
import io.netty.channel.EventLoop;

/**
 * Opens the links of a pool: for borrowers that wait, and to keep min-idle. Guarded by
 * the pool's lock; attempts to connect run on event loops without it, and come back as
 * {@link Opening}.
 */
final class Supply {

	/**
	 * Expiry is spread over this share of the lifetime, so that links do not go at once.
	 */
	private static final double LIFETIME_SPREAD = 0.1;

	private final LinkPool pool;

	private final Stock stock;

	private final Evictions evictions;

	private final Condition condition;

	private final LinkOpener opener;

	private final Alarm alarm;

	private boolean warm;

	private int opening;

	private long connected;

	private long failed;

	Supply(LinkPool pool, Stock stock, Evictions evictions, Condition condition, LinkOpener opener, Alarm alarm) {
		this.pool = pool;
		this.stock = stock;
		this.evictions = evictions;
		this.condition = condition;
		this.opener = opener;
		this.alarm = alarm;
	}

	/** Keeps min-idle from now on. */
	void warmUp() {
		this.warm = true;
	}

	/** How many attempts are under way. */
	int opening() {
		return this.opening;
	}

	/** How many attempts have succeeded. */
	long connected() {
		return this.connected;
	}

	/** How many attempts have failed. */
	long failed() {
		return this.failed;
	}

	private boolean hasRoom() {
		return this.stock.links().size() + this.opening < this.stock.settings().max();
	}

	/** Opens what min-idle and the waiters want, as far as the endpoints allow. */
	void openWanted(boolean paused, long now) {
		Waiter first = this.stock.waiters().first();
		boolean kept = first != null && first.borrower().keepsLink();
		Iterator<Waiter> wanting = this.stock.waiters().iterator();
		int coming = this.opening + (paused ? this.stock.endpoints().idle() : 0);
		for (int skip = 0; skip < coming && wanting.hasNext(); skip++) {
			wanting.next();
		}
		while (wanting.hasNext() || (this.warm && missing() > 0)) {
			if (!hasRoom()) {
				if (wanting.hasNext() && !paused) {
					this.evictions.makeRoom();
				}
				return;
			}
			EventLoop loop = wanting.hasNext() ? wanting.next().borrower().eventLoop() : this.stock.loops().preferred();
			if (!open(loop, kept, now)) {
				return;
			}
		}
	}

	/** How many links are missing to have min-idle. */
	private int missing() {
		return this.stock.settings().minIdle() - this.stock.endpoints().idle() - this.opening;
	}

	/** Opens a link for a loop that has borrowed one of another, if there is room. */
	void openFor(EventLoop loop) {
		if (hasRoom()) {
			open(loop, /* kept= */ false, this.stock.now());
		}
	}

	/** Opens a link to an endpoint that is none of these, if there is room. */
	void openBeside(EventLoop loop, Set<Endpoint> covered) {
		if (hasRoom()) {
			long now = this.stock.now();
			this.stock.endpoints().toConnectBeside(covered, now).ifPresent((endpoint) -> begin(loop, endpoint, now));
		}
	}

	private boolean open(EventLoop loop, boolean kept, long now) {
		Endpoint endpoint = this.stock.endpoints().toConnect(missing(), kept, now);
		if (endpoint == null) {
			this.stock.endpoints()
				.stream()
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

	/** One attempt to connect. Its methods take the pool's lock. */
	final class Opening {

		private final long startedNanos;

		private Opening(long startedNanos) {
			this.startedNanos = startedNanos;
		}

		/** A name was looked up; the attempt may go elsewhere now. */
		Endpoint resolved(Endpoint endpoint, List<InetAddress> addresses) {
			Supply supply = Supply.this;
			synchronized (supply.pool) {
				Endpoints endpoints = supply.stock.endpoints();
				endpoints.resolved(endpoint.name(), addresses).forEach(supply.pool::abandon);
				Endpoint successor = endpoints.successorOf(endpoint);
				endpoint.giveUp();
				successor.begin();
				return successor;
			}
		}

		/** On the connection's loop, before anything is read. */
		Link introduce(Endpoint endpoint, NettyTcpConnection connection) {
			Supply supply = Supply.this;
			long now = supply.stock.now();
			double spread = 1 - LIFETIME_SPREAD * ThreadLocalRandom.current().nextDouble();
			long lifetime = (long) (supply.stock.settings().maxLifetime().toNanos() * spread);
			synchronized (supply.pool) {
				return new Link(supply.pool, endpoint, connection,
						new Link.Tenure(now, now + lifetime, supply.evictions.generation()));
			}
		}

		void succeeded(Link link) {
			Supply supply = Supply.this;
			synchronized (supply.pool) {
				supply.opening--;
				supply.connected++;
				link.endpoint().opened();
				supply.pool.opened(link);
			}
			supply.pool.observer().created(supply.stock.now() - this.startedNanos);
		}

		void failed(Endpoint endpoint, Throwable cause) {
			Supply supply = Supply.this;
			synchronized (supply.pool) {
				supply.opening--;
				supply.failed++;
				endpoint.giveUp();
				supply.pool.failedToOpen(endpoint, cause);
			}
		}

	}

}
