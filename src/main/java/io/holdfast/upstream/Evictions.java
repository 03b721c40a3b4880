package io.holdfast.upstream;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

/**
 * Which links of a pool have to go, and why: those that nobody needs, that have lived
 * long enough, or that cannot be relied on. Idle ones are closed at once; those in use
 * retire, and go when they are given back. Guarded by the pool's lock.
 */
final class Evictions {

	private final Stock stock;

	private final Map<Eviction, Long> counts = new EnumMap<>(Eviction.class);

	private int generation;

	private int closing;

	Evictions(Stock stock) {
		this.stock = stock;
	}

	/** What a link must have to be none of those that an operator had replaced. */
	int generation() {
		return this.generation;
	}

	/** Why a link that is given back cannot be lent again; null if it can. */
	@Nullable Eviction unfitness(Link link, long now) {
		if (link.tenure.generation != this.generation) {
			return Eviction.RECONNECT;
		}
		if (link.endpoint().isGone() || link.endpoint().isEjected()) {
			return Eviction.ENDPOINT;
		}
		if (now - link.tenure.expiresNanos >= 0) {
			return Eviction.LIFETIME;
		}
		return link.isClean() ? null : Eviction.UNREAD;
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
				link.retire();
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
		link.tenure.closed = true;
	}

	/** Those whose time is over. */
	void sweep(long now) {
		int dispensable = this.stock.endpoints().idle() - this.stock.settings().minIdle();
		for (Link link : this.stock.links()) {
			Link.Tenure tenure = link.tenure;
			if (now - tenure.expiresNanos >= 0) {
				link.retire();
			}
			if (tenure.lent || tenure.closed) {
				continue;
			}
			if (link.isRetiring()) {
				evict(link, (tenure.generation != this.generation) ? Eviction.RECONNECT : Eviction.LIFETIME);
			}
			else if (dispensable > 0 && now - tenure.sinceNanos >= this.stock.settings().idleTimeout().toNanos()) {
				dispensable--;
				evict(link, Eviction.IDLE);
			}
		}
	}

	/**
	 * Retires every link there is now, for the next sweep.
	 * @return how many will be replaced: those that a client keeps stay
	 */
	int retireAll() {
		this.generation++;
		this.stock.links().forEach(Link::retire);
		long replaced = this.stock.links()
			.stream()
			.filter((link) -> !link.tenure.closed && !(link.tenure.lent && link.tenure.kept))
			.count();
		return (int) replaced;
	}

	/** How many went, by reason; no entry for none. */
	Map<Eviction, Long> counts() {
		return Map.copyOf(this.counts);
	}

}
