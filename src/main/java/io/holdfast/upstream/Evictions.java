package io.holdfast.upstream;

import java.util.Comparator;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/**
 * Which links of a pool have to go, and why: those that nobody needs, that are outdated,
 * or that cannot be relied on. Idle ones are closed at once; those in use retire, and go
 * when they are given back. An outdated one goes once another has been opened in its
 * place; only if the pool is full does one at a time go first. Guarded by the pool's
 * lock.
 */
final class Evictions {

	private final Stock stock;

	private final Map<Eviction, Long> counts = new EnumMap<>(Eviction.class);

	private int generation;

	private int closing;

	private int outdated;

	/** In use, and to go when it is given back, though no newer one is open. */
	private @Nullable Link inAdvance;

	Evictions(Stock stock) {
		this.stock = stock;
	}

	/** Generation from which on links are none of those that an operator had replaced. */
	int generation() {
		return this.generation;
	}

	/** Why a link that is given back cannot be lent again; null if it can. */
	@Nullable Eviction unfitness(Link link) {
		if (link.endpoint().isGone() || link.endpoint().isEjected()) {
			return Eviction.ENDPOINT;
		}
		if (link == this.inAdvance && !this.stock.endpoints().hasSound()) {
			// connecting has failed since, so that nothing would come in its place
			this.inAdvance = null;
			link.tenure.retiredFor = null;
			link.serveOn();
		}
		if (link.tenure.retiredFor != null) {
			return link.tenure.retiredFor;
		}
		return link.isClean(/* toKeeper= */ true) ? null : Eviction.UNREAD;
	}

	private void retire(Link link, Eviction reason) {
		link.tenure.retiredFor = reason;
		link.retire();
	}

	/** Closes a link, lent or not. */
	void evict(Link link, Eviction reason) {
		link.endpoint().remove(link);
		if (!link.tenure.closed) {
			link.tenure.closed = true;
			link.tenure.evicted = reason;
			this.closing++;
			this.counts.merge(reason, 1L, Long::sum);
			Stock.run(link.eventLoop(), link::close);
		}
	}

	/** The links of an endpoint that nothing more goes to. */
	void abandon(Endpoint endpoint) {
		for (Link link : this.stock.links()) {
			if (link.endpoint() == endpoint) {
				retire(link, Eviction.ENDPOINT);
				if (!link.tenure.lent) {
					evict(link, Eviction.ENDPOINT);
				}
			}
		}
	}

	/**
	 * Gives up an idle link that nobody who waits can use, since it is on another loop.
	 * @return whether there was one
	 */
	boolean makeRoom() {
		Optional<Link> unused = this.stock.endpoints().leastUsed(this.stock.now());
		unused.ifPresent((link) -> evict(link, Eviction.IDLE));
		return unused.isPresent();
	}

	/** How many links were closed here and are not gone yet. */
	int closing() {
		return this.closing;
	}

	/** A link is gone. */
	void gone(Link link) {
		if (link.tenure.closed) {
			this.closing--;
		}
		if (link == this.inAdvance) {
			this.inAdvance = null;
		}
		link.tenure.closed = true;
	}

	/**
	 * How a link that has ended shows that its endpoint is of no use, null if not at all.
	 */
	@Nullable FleetingLinkException uselessness(Link link, long provingNanos, long now) {
		Eviction evicted = link.tenure.evicted;
		boolean unread = evicted == Eviction.UNREAD;
		boolean proven = now - link.tenure.openedNanos >= provingNanos || link.hasAnswered();
		if (proven || (evicted != null && !unread) || (!unread && !link.wasEndedByServer())) {
			return null;
		}
		// what was sent may have been the cause, if the server keeps other links
		if (link.hasSent() && keepsOthers(link.endpoint(), provingNanos, now)) {
			return null;
		}
		return new FleetingLinkException(unread ? "sent bytes that nobody had asked for, as soon as it was connected to"
				: "closed as soon as it was opened");
	}

	private boolean keepsOthers(Endpoint endpoint, long provingNanos, long now) {
		return this.stock.links()
			.stream()
			.anyMatch((other) -> other.endpoint() == endpoint && !other.tenure.closed
					&& now - other.tenure.openedNanos >= provingNanos);
	}

	/** Closes what nobody needs, and counts what is outdated. */
	void sweep(long now) {
		int dispensable = this.stock.endpoints().idle() - this.stock.settings().minIdle();
		int found = 0;
		for (Link link : this.stock.links()) {
			Link.Tenure tenure = link.tenure;
			boolean idle = !tenure.lent && !tenure.closed;
			if (idle && dispensable > 0 && now - tenure.sinceNanos >= this.stock.settings().idleTimeout().toNanos()) {
				dispensable--;
				evict(link, Eviction.IDLE);
			}
			else if (isToReplace(link, now)) {
				found++;
			}
		}
		this.outdated = found;
	}

	/**
	 * Links to replace: those that have lived long enough and those that an operator
	 * wants to be made anew, as of the last sweep. They serve until a newer one is open.
	 */
	int outdated() {
		return this.outdated;
	}

	private boolean isToReplace(Link link, long now) {
		Link.Tenure tenure = link.tenure;
		boolean stays = tenure.closed || tenure.retiredFor != null || (tenure.lent && tenure.kept);
		return !stays && (tenure.generation != this.generation || now - tenure.expiresNanos >= 0);
	}

	/** A newer link is open: one that is outdated goes. */
	void replaceBy(Link newer, long now) {
		Link old = nextOutdated(newer.eventLoop(), now);
		if (old != null) {
			if (!old.tenure.lent && !newer.tenure.lent) {
				// it is needed no more than the old one was
				newer.tenure.sinceNanos = old.tenure.sinceNanos;
			}
			giveUp(old);
		}
	}

	/**
	 * Has an outdated link go before a newer one is open: an idle one, or one in use when
	 * it is given back, which may take long and keeps no idle one from going.
	 */
	void makeRoomForNewer(long now) {
		Link old = nextOutdated(this.stock.loops().preferred(), now);
		if (old == null || (old.tenure.lent && this.inAdvance != null)) {
			return;
		}
		if (old.tenure.lent) {
			this.inAdvance = old;
		}
		giveUp(old);
	}

	private void giveUp(Link old) {
		this.outdated--;
		Eviction reason = (old.tenure.generation != this.generation) ? Eviction.RECONNECT : Eviction.LIFETIME;
		retire(old, reason);
		if (!old.tenure.lent) {
			evict(old, reason);
		}
	}

	/**
	 * An idle one before one in use, one of the loop before others, and the oldest of
	 * these.
	 */
	private @Nullable Link nextOutdated(EventLoop loop, long now) {
		return this.stock.links()
			.stream()
			.filter((link) -> isToReplace(link, now))
			.min(Comparator.comparing((Link link) -> link.tenure.lent)
				.thenComparing((link) -> link.eventLoop() != loop))
			.orElse(null);
	}

	/**
	 * Outdates every link there is now.
	 * @return how many will be replaced: those that a client keeps stay
	 */
	int outdateAll(long now) {
		this.generation++;
		return (int) this.stock.links().stream().filter((link) -> isToReplace(link, now)).count();
	}

	/** How many went, by reason; no entry for none. */
	Map<Eviction, Long> counts() {
		return Map.copyOf(this.counts);
	}

}
