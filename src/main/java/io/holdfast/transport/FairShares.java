package io.holdfast.transport;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.Queue;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * Divides a number of workers among shares, one for each listener with work of its own.
 * Each share has a queue, and they take turns. Half of the workers are kept for the
 * shares, in equal parts, so that a share whose work takes long never has them all: one
 * that has its part may take another worker only if all others could still have theirs.
 * Starts nothing and knows no threads. Guarded by the pool's lock.
 */
@SuppressWarnings("NonAtomicVolatileUpdate") // under the lock; volatile for the gauges
final class FairShares {

	private final int workers;

	private final Set<Share> shares = new LinkedHashSet<>();

	/** Those with tasks that wait, each once. */
	private final Deque<Share> turns = new ArrayDeque<>();

	/** Also read without the lock, as the next. */
	private volatile int active;

	private volatile int queued;

	FairShares(int workers) {
		this.workers = workers;
	}

	/**
	 * Adds a share that workers are kept for.
	 */
	Share add() {
		Share share = new Share();
		this.shares.add(share);
		return share;
	}

	/**
	 * Keeps workers for a share no longer. Its tasks take their turn as before.
	 */
	void remove(Share share) {
		this.shares.remove(share);
	}

	/**
	 * Queues a task, see {@link #next()}.
	 */
	void queue(Share share, Runnable task) {
		share.tasks.add(task);
		this.queued = this.queued + 1;
		if (share.tasks.size() == 1) {
			this.turns.addLast(share);
		}
	}

	/**
	 * Takes a worker for the task whose turn it is.
	 * @return null if nothing waits, or nothing that may have a worker now
	 */
	@Nullable Turn next() {
		for (int left = this.turns.size(); left > 0; left--) {
			Share share = this.turns.removeFirst();
			boolean begins = mayBegin(share);
			Turn turn = begins ? new Turn(share, share.tasks.remove()) : null;
			if (!share.tasks.isEmpty()) {
				this.turns.addLast(share);
			}
			if (turn != null) {
				this.queued = this.queued - 1;
				occupy(share);
				return turn;
			}
		}
		return null;
	}

	private boolean mayBegin(Share share) {
		int free = this.workers - this.active;
		return free > 0 && (hasLessThanItsPart(share) || free > keptForOthers());
	}

	private boolean hasLessThanItsPart(Share share) {
		return share.active < part() && this.shares.contains(share);
	}

	/** Only for a share that has its part, so that it adds nothing itself. */
	private int keptForOthers() {
		int part = part();
		int kept = 0;
		for (Share share : this.shares) {
			kept += Math.max(0, part - share.active);
		}
		return kept;
	}

	private int part() {
		int count = this.shares.size();
		return (count > this.workers || count == 0) ? 0 : Math.max(1, this.workers / (2 * count));
	}

	/** Takes a worker, also beyond what there are: for one that goes on after a wait. */
	void occupy(Share share) {
		share.active++;
		this.active = this.active + 1;
	}

	/**
	 * Gives a worker back.
	 */
	void vacate(Share share) {
		share.active--;
		this.active = this.active - 1;
	}

	/**
	 * Puts a task back in front, and gives its worker back.
	 */
	void takeBack(Turn turn) {
		vacate(turn.share());
		turn.share().tasks.addFirst(turn.task());
		this.queued = this.queued + 1;
		if (turn.share().tasks.size() == 1) {
			this.turns.addFirst(turn.share());
		}
	}

	/** Any thread: how many workers are taken. */
	int active() {
		return this.active;
	}

	/** Any thread: how many tasks wait in all queues. */
	int queued() {
		return this.queued;
	}

	/**
	 * The work of one listener.
	 */
	static final class Share {

		private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();

		private int active;

		int queued() {
			return this.tasks.size();
		}

	}

	/**
	 * A task that has a worker.
	 */
	record Turn(Share share, Runnable task) {
	}

}
