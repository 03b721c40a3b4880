package io.holdfast.liveness;

import org.jspecify.annotations.Nullable;

/**
 * Something that happens at a time. It is its own entry in the {@link TimerWheel}, so
 * that arming it allocates nothing.
 */
abstract class Timeout {

	private @Nullable Timeout previous;

	private @Nullable Timeout next;

	private long deadlineNanos;

	/**
	 * The time has come. May arm the same timeout again, and must not throw.
	 */
	abstract void expired(long nowNanos);

	long deadlineNanos() {
		return this.deadlineNanos;
	}

	boolean isArmed() {
		return this.previous != null;
	}

	private static Timeout linked(@Nullable Timeout neighbour) {
		if (neighbour == null) {
			throw new IllegalStateException("not in a wheel");
		}
		return neighbour;
	}

	/**
	 * One slot of the wheel: the head of a ring of timeouts.
	 */
	static final class Slot extends Timeout {

		Slot() {
			super.previous = this;
			super.next = this;
		}

		void add(Timeout timeout, long deadline) {
			Timeout last = linked(super.previous);
			timeout.deadlineNanos = deadline;
			timeout.previous = last;
			timeout.next = this;
			last.next = timeout;
			super.previous = timeout;
		}

		/** The first one, which is no longer in the slot then; null if there is none. */
		@Nullable Timeout take() {
			Timeout first = linked(super.next);
			if (first == this) {
				return null;
			}
			remove(first);
			return first;
		}

		/** Moves all of them to a slot that is empty. */
		void moveTo(Slot other) {
			Timeout first = linked(super.next);
			Timeout last = linked(super.previous);
			if (first != this) {
				((Timeout) other).next = first;
				((Timeout) other).previous = last;
				first.previous = other;
				last.next = other;
				super.next = this;
				super.previous = this;
			}
		}

		static void remove(Timeout timeout) {
			Timeout before = linked(timeout.previous);
			Timeout after = linked(timeout.next);
			before.next = after;
			after.previous = before;
			timeout.previous = null;
			timeout.next = null;
		}

		@Override
		void expired(long nowNanos) {
			throw new IllegalStateException("a slot does not expire");
		}

	}

}
