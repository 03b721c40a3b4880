package io.holdfast.upstream;

import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;

/**
 * Borrowers that wait for a link of an upstream, the earliest deadline first. That is the
 * order of arrival, but for a borrower that has waited before and goes on with what is
 * left of its time. Guarded by the pool's lock.
 */
final class Waiters implements Iterable<Waiters.Waiter> {

	private final Map<Borrower, Waiter> byBorrower = new HashMap<>();

	private final SortedSet<Waiter> inOrder = new TreeSet<>();

	private long arrivals;

	boolean isEmpty() {
		return this.inOrder.isEmpty();
	}

	int count() {
		return this.inOrder.size();
	}

	void add(Borrower borrower, long nowNanos, long deadlineNanos) {
		remove(borrower);
		Waiter waiter = new Waiter(borrower, nowNanos, deadlineNanos, this.arrivals++);
		this.byBorrower.put(borrower, waiter);
		this.inOrder.add(waiter);
	}

	/** Does nothing for one that does not wait. */
	void remove(Borrower borrower) {
		Waiter waiter = this.byBorrower.remove(borrower);
		if (waiter != null) {
			this.inOrder.remove(waiter);
		}
	}

	void clear() {
		this.byBorrower.clear();
		this.inOrder.clear();
	}

	/** The one whose time is over first. */
	@Nullable Waiter first() {
		return this.inOrder.isEmpty() ? null : this.inOrder.first();
	}

	/**
	 * The first of those that can use the link, who waits no more.
	 */
	@Nullable Waiter takeFor(Link link) {
		for (Waiter waiter : this.inOrder) {
			if (waiter.canUse(link)) {
				remove(waiter.borrower());
				return waiter;
			}
		}
		return null;
	}

	Duration longestWait(long nowNanos) {
		long longest = 0;
		for (Waiter waiter : this.inOrder) {
			longest = Math.max(longest, nowNanos - waiter.sinceNanos());
		}
		return Duration.ofNanos(longest);
	}

	@Override
	public Iterator<Waiter> iterator() {
		return this.inOrder.iterator();
	}

	/**
	 * One of them.
	 *
	 * @param borrower who waits
	 * @param sinceNanos when it came
	 * @param deadlineNanos when it waits no longer
	 * @param arrival how many came before it
	 */
	record Waiter(Borrower borrower, long sinceNanos, long deadlineNanos, long arrival) implements Comparable<Waiter> {

		/**
		 * A link that is kept for very long must be on its keeper's loop; one that has
		 * half a greeting is for keepers alone.
		 */
		boolean canUse(Link link) {
			boolean keeps = this.borrower.keepsLink();
			return keeps ? this.borrower.eventLoop() == link.eventLoop()
					: link.isClean(/* toKeeper= */ false);
		}

		@Override
		public int compareTo(Waiter other) {
			// a difference, since the time of event loops may wrap around
			int order = Long.signum(this.deadlineNanos - other.deadlineNanos);
			return (order != 0) ? order : Long.compare(this.arrival, other.arrival);
		}

	}

}
