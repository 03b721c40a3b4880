package io.holdfast.upstream;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import io.holdfast.upstream.Waiters.Waiter;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/**
 * Lends the links of a pool and takes them back. A link that nobody waits for is idle at
 * its endpoint. Guarded by the pool's lock.
 */
final class Lending {

	private final Stock stock;

	private final Evictions evictions;

	private final Waiting waiting;

	private final Supply supply;

	private UpstreamObserver observer = UpstreamObserver.NONE;

	Lending(Stock stock, Evictions evictions, Waiting waiting, Supply supply) {
		this.stock = stock;
		this.evictions = evictions;
		this.waiting = waiting;
		this.supply = supply;
	}

	void observe(UpstreamObserver newObserver) {
		this.observer = newObserver;
	}

	/**
	 * Lends an idle link: one of the borrower's loop if there is any, else of another,
	 * unless the borrower keeps it.
	 */
	@Nullable Link lendIdle(Borrower borrower) {
		Link link = takeClean(borrower, /* anyLoop= */ false);
		if (link == null && !borrower.keepsLink()) {
			link = takeClean(borrower, /* anyLoop= */ true);
		}
		if (link != null) {
			lend(link, borrower.keepsLink());
		}
		return link;
	}

	private @Nullable Link takeClean(Borrower borrower, boolean anyLoop) {
		Link link;
		while ((link = this.stock.endpoints().takeIdle(borrower.eventLoop(), anyLoop)) != null) {
			if (link.isClean(borrower.keepsLink())) {
				return link;
			}
			this.evictions.evict(link, Eviction.UNREAD);
		}
		return null;
	}

	/** Lends an idle link of the loop that leads to none of these endpoints. */
	@Nullable Link lendBeside(EventLoop loop, Set<Endpoint> covered) {
		Link link = this.stock.endpoints().takeIdleBeside(loop, covered);
		if (link != null && !link.isClean(/* toKeeper= */ false)) {
			this.evictions.evict(link, Eviction.UNREAD);
			return null;
		}
		if (link != null) {
			lend(link, /* kept= */ false);
		}
		return link;
	}

	private void lend(Link link, boolean kept) {
		link.tenure.lent = true;
		link.tenure.kept = kept;
		link.tenure.sinceNanos = this.stock.now();
		link.endpoint().lend();
	}

	/**
	 * Takes back a link that was lent.
	 * @return how long it was, in nanoseconds
	 */
	long takeBack(Link link) {
		long now = this.stock.now();
		long used = now - link.tenure.sinceNanos;
		link.tenure.lent = false;
		link.tenure.sinceNanos = now;
		link.endpoint().takeBack();
		return used;
	}

	/**
	 * Lends a link that nobody has to the first waiter who can use it, or lets it be
	 * idle, if it is fit for that.
	 * @return whether it is idle
	 */
	boolean offer(Link link) {
		Waiter first = this.waiting.isPaused() ? null : this.stock.waiters().first();
		Eviction unfit = this.evictions.unfitness(link);
		if (unfit == null && first != null && !first.canUse(link) && !this.supply.isComing(first)) {
			// else those behind it, who can use any link, would keep it waiting for ever
			unfit = Eviction.IDLE;
		}
		if (unfit != null) {
			this.evictions.evict(link, unfit);
			return false;
		}
		Waiter waiter = (first != null) ? this.stock.waiters().takeFor(link) : null;
		if (waiter == null) {
			link.endpoint().add(link);
			return true;
		}
		lend(link, waiter.borrower().keepsLink());
		grant(link, waiter);
		return false;
	}

	private void grant(Link link, Waiter waiter) {
		this.observer.acquired(link.tenure.sinceNanos - waiter.sinceNanos());
		Borrower borrower = waiter.borrower();
		if (!Stock.run(borrower.eventLoop(), () -> hand(link, borrower))) {
			// nobody is left who could use it or give it back
			Stock.run(link.eventLoop(), link::close);
		}
	}

	private static void hand(Link link, Borrower borrower) {
		boolean taken = false;
		try {
			borrower.granted(link);
			taken = true;
		}
		finally {
			if (!taken) {
				// it would be lent to nobody for ever
				link.close();
			}
		}
	}

	/** Lends the idle links to those who wait, after a pause. */
	void offerIdle() {
		List<Waiter> served = new ArrayList<>();
		for (Waiter waiter : this.stock.waiters()) {
			if (this.stock.endpoints().idle() == 0) {
				break;
			}
			Link link = lendIdle(waiter.borrower());
			if (link != null) {
				grant(link, waiter);
				served.add(waiter);
			}
		}
		served.forEach((waiter) -> this.stock.waiters().remove(waiter.borrower()));
	}

}
