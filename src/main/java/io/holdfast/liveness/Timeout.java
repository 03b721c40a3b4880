package io.holdfast.liveness;

/**
 * Something that happens at a time. Belongs to the loop of its {@link TimerWheel}.
 */
abstract class Timeout {

	static final int NOT_ARMED = -1;

	private long deadlineNanos;

	private int slot;

	private int place = NOT_ARMED;

	/**
	 * The time has come. May arm the same timeout again, and must not throw.
	 */
	abstract void expired(long nowNanos);

	/** Notes where in the wheel it is. */
	void armed(long deadline, int inSlot, int atPlace) {
		this.deadlineNanos = deadline;
		this.slot = inSlot;
		this.place = atPlace;
	}

	void disarmed() {
		this.place = NOT_ARMED;
	}

	long deadlineNanos() {
		return this.deadlineNanos;
	}

	int slot() {
		return this.slot;
	}

	/** {@link #NOT_ARMED} if it is in no slot. */
	int place() {
		return this.place;
	}

}
