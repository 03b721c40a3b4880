package io.holdfast.route;

import org.jspecify.annotations.Nullable;

/**
 * One frame of a client on its way to the upstream, until its outcome is known. Belongs
 * to the loop that works on it: the client's, or the link's while it is in flight.
 */
final class Request {

	private final Requester requester;

	private final byte[] frame;

	private final long receivedNanos;

	/** Its place among the frames of its client. */
	private final long order;

	/** Whether no reply is expected. */
	private final boolean oneWay;

	/** Whether its outcome has been counted. Belongs to the client's loop. */
	private boolean settled;

	/** Whether it has waited for a link before. Belongs to the client's loop. */
	private boolean waited;

	/** When it waits for a link no longer. Belongs to the client's loop. */
	private long waitsUntilNanos;

	/** With which flush of the link it leaves. */
	long flush = -1;

	/** When its reply is overdue. */
	long deadlineNanos;

	/** The number on the link, where numbers are rewritten. */
	long number;

	/** The client's own number, where numbers are rewritten. */
	long clientNumber;

	/** Nobody waits for its reply any more, but the reply may come. */
	boolean abandoned;

	/** Neighbours among the requests that are in flight on a link. */
	@Nullable Request earlier;

	@Nullable Request later;

	Request(Requester requester, byte[] frame, boolean oneWay, long receivedNanos, long order) {
		this.requester = requester;
		this.frame = frame;
		this.oneWay = oneWay;
		this.receivedNanos = receivedNanos;
		this.order = order;
	}

	Requester requester() {
		return this.requester;
	}

	byte[] frame() {
		return this.frame;
	}

	boolean isOneWay() {
		return this.oneWay;
	}

	long receivedNanos() {
		return this.receivedNanos;
	}

	long order() {
		return this.order;
	}

	/**
	 * Marks the request as settled, on the client's loop.
	 * @return false if it was before, so that no frame has two outcomes
	 */
	boolean settle() {
		boolean first = !this.settled;
		this.settled = true;
		return first;
	}

	/**
	 * Returns when the request waits for a link no longer. The time runs from its first
	 * wait on, however many links it comes back from.
	 * @param latestNanos the acquire timeout from now on
	 */
	long waitsUntil(long latestNanos) {
		if (!this.waited) {
			this.waited = true;
			this.waitsUntilNanos = latestNanos;
		}
		return this.waitsUntilNanos;
	}

}
