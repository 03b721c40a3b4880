package io.holdfast.route;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

import io.holdfast.upstream.Balance;
import io.holdfast.upstream.Link;
import io.holdfast.upstream.Upstream;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/**
 * The links that the clients of one listener share at the moment, and who waits for a
 * place on one. Any thread.
 * <p>
 * A client goes to a link of its own loop if any has room: the first, as long as there is
 * one endpoint, since few links with many frames each cost least; with several endpoints
 * each has a link, and they take turns or the one with the least in flight is taken.
 */
final class SharedLinks {

	private static final SharedLink[] NONE = {};

	/** How often at most a link to one more endpoint is looked for. */
	private static final long SPREAD_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

	private final Upstream upstream;

	private final Supplier<Matching> matchings;

	private final @Nullable Numbers rewritten;

	private final int maxPending;

	private final long replyTimeoutNanos;

	private final RelayContext context;

	private final Strays strays;

	private final Set<SharedLane> waiting = new LinkedHashSet<>();

	private final AtomicInteger turn = new AtomicInteger();

	private volatile int waitingCount;

	private volatile SharedLink[] active = NONE;

	private volatile long spreadNanos;

	/**
	 * No links yet.
	 * @param matchings how replies are told apart, one for each link
	 * @param rewritten where numbers are rewritten, so that each request must have one
	 * @param context what the clients have in common
	 * @param strays takes what no client waits for
	 */
	SharedLinks(Upstream upstream, Supplier<Matching> matchings, @Nullable Numbers rewritten, long replyTimeoutNanos,
			RelayContext context, Strays strays) {
		this.upstream = upstream;
		this.matchings = matchings;
		this.rewritten = rewritten;
		int allowed = upstream.settings().links().maxPending();
		this.maxPending = (rewritten != null) ? (int) Math.min(allowed, ByNumber.capacity(rewritten)) : allowed;
		this.replyTimeoutNanos = replyTimeoutNanos;
		this.context = context;
		this.strays = strays;
		this.spreadNanos = context.nanoTime();
	}

	long nanoTime() {
		return this.context.nanoTime();
	}

	long replyTimeoutNanos() {
		return this.replyTimeoutNanos;
	}

	boolean hasOneWay() {
		return this.context.hasOneWay();
	}

	Faults faults() {
		return this.context.faults();
	}

	boolean fits(Request request) {
		return this.rewritten == null || this.rewritten.isInRequest(request.frame());
	}

	long acquireTimeoutNanos() {
		return this.upstream.settings().links().acquireTimeout().toNanos();
	}

	void unmatched(Link link, byte[] frame) {
		this.strays.unmatched(link, frame);
	}

	void late() {
		this.strays.late();
	}

	/**
	 * A place on a link of the loop, reserved; null if none has room.
	 */
	@Nullable SharedLink choose(EventLoop loop) {
		SharedLink[] all = this.active;
		int endpoints = this.upstream.endpointCount();
		if (endpoints <= 1) {
			return choose(all, loop, 0);
		}
		SharedLink added = spread(all, loop, endpoints);
		if (added != null) {
			return added;
		}
		if (this.upstream.settings().balance() == Balance.LEAST_PENDING) {
			return chooseLeastPending(all, loop);
		}
		return choose(all, loop, Math.floorMod(this.turn.getAndIncrement(), Math.max(1, all.length)));
	}

	private static @Nullable SharedLink choose(SharedLink[] all, EventLoop loop, int start) {
		for (int i = 0; i < all.length; i++) {
			SharedLink one = all[(start + i) % all.length];
			if (one.link().eventLoop() == loop && one.reserve()) {
				return one;
			}
		}
		return null;
	}

	/**
	 * Takes the link with the least in flight, or the next best where that has no room by
	 * now. Other loops change these numbers meanwhile, so each is read once.
	 */
	private static @Nullable SharedLink chooseLeastPending(SharedLink[] all, EventLoop loop) {
		long[] byPending = new long[all.length];
		int candidates = 0;
		for (int i = 0; i < all.length; i++) {
			if (all[i].link().eventLoop() == loop) {
				byPending[candidates++] = ((long) all[i].pending() << Integer.SIZE) | i;
			}
		}
		Arrays.sort(byPending, 0, candidates);
		for (int i = 0; i < candidates; i++) {
			SharedLink one = all[(int) byPending[i]];
			if (one.reserve()) {
				return one;
			}
		}
		return null;
	}

	/** A place on any link. */
	@Nullable SharedLink chooseElsewhere() {
		for (SharedLink one : this.active) {
			if (one.reserve()) {
				return one;
			}
		}
		return null;
	}

	/** Adds a link to an endpoint that the loop has none to. */
	private @Nullable SharedLink spread(SharedLink[] all, EventLoop loop, int endpoints) {
		List<Link> own = new ArrayList<>(all.length);
		for (SharedLink one : all) {
			if (one.link().eventLoop() == loop) {
				own.add(one.link());
			}
		}
		if (own.isEmpty() || own.size() >= endpoints || nanoTime() - this.spreadNanos < SPREAD_NANOS) {
			return null;
		}
		Link beside = this.upstream.acquireBeside(loop, own);
		if (beside == null) {
			this.spreadNanos = nanoTime();
			return null;
		}
		return adopt(beside);
	}

	/**
	 * Takes a link that was lent into use for many, with a place reserved on it. Others
	 * see it once it is in use, so that no reply comes before.
	 */
	SharedLink adopt(Link link) {
		SharedLink shared = new SharedLink(this, link, this.matchings.get(), this.maxPending);
		link.onLoop().run(() -> {
			shared.begin();
			add(shared);
			serve(shared);
		});
		return shared;
	}

	private synchronized void add(SharedLink shared) {
		if (!shared.isLost()) {
			SharedLink[] more = Arrays.copyOf(this.active, this.active.length + 1);
			more[more.length - 1] = shared;
			this.active = more;
		}
	}

	synchronized void remove(SharedLink shared) {
		this.active = Arrays.stream(this.active).filter((one) -> one != shared).toArray(SharedLink[]::new);
	}

	// waiting

	synchronized void await(SharedLane lane) {
		this.waiting.add(lane);
		this.waitingCount = this.waiting.size();
	}

	synchronized void cancel(SharedLane lane) {
		this.waiting.remove(lane);
		this.waitingCount = this.waiting.size();
	}

	/** Offers the free places of a link to those who wait, in the order of arrival. */
	void serve(SharedLink shared) {
		while (this.waitingCount > 0) {
			SharedLane first;
			synchronized (this) {
				if (this.waiting.isEmpty() || !shared.reserve()) {
					return;
				}
				first = this.waiting.iterator().next();
				this.waiting.remove(first);
				this.waitingCount = this.waiting.size();
			}
			first.offered(shared);
		}
	}

}
