package io.holdfast.upstream;

import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Who waits for a link of an upstream, in the order of arrival. Guarded by the pool's
 * lock.
 */
final class Waiters implements Iterable<Waiters.Waiter> {

	private final Map<Borrower, Waiter> inOrder = new LinkedHashMap<>();

	boolean isEmpty() {
		return this.inOrder.isEmpty();
	}

	int count() {
		return this.inOrder.size();
	}

	void add(Borrower borrower, long nowNanos) {
		this.inOrder.put(borrower, new Waiter(borrower, nowNanos));
	}

	/** Does nothing for one that does not wait. */
	void remove(Borrower borrower) {
		this.inOrder.remove(borrower);
	}

	void clear() {
		this.inOrder.clear();
	}

	/** The one that has waited longest. */
	@Nullable Waiter first() {
		return this.inOrder.isEmpty() ? null : iterator().next();
	}

	/**
	 * The one that has waited longest of those that can use the link, who waits no more.
	 */
	@Nullable Waiter takeFor(Link link) {
		Iterator<Waiter> all = iterator();
		while (all.hasNext()) {
			Waiter waiter = all.next();
			if (waiter.canUse(link)) {
				all.remove();
				return waiter;
			}
		}
		return null;
	}

	Duration longestWait(long nowNanos) {
		Waiter first = first();
		return (first != null) ? Duration.ofNanos(nowNanos - first.sinceNanos()) : Duration.ZERO;
	}

	@Override
	public Iterator<Waiter> iterator() {
		return this.inOrder.values().iterator();
	}

	/**
	 * One of them.
	 *
	 * @param borrower who waits
	 * @param sinceNanos when it came
	 */
	record Waiter(Borrower borrower, long sinceNanos) {

		/** A link that is kept for very long must be on its keeper's loop. */
		boolean canUse(Link link) {
			return !this.borrower.keepsLink() || this.borrower.eventLoop() == link.eventLoop();
		}

	}

}
