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

	/** With which flush of the link it leaves. */
	long flush = -1;

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

	Request(Requester requester, byte[] frame, long receivedNanos, long order) {
		this.requester = requester;
		this.frame = frame;
		this.receivedNanos = receivedNanos;
		this.order = order;
	}

	Requester requester() {
		return this.requester;
	}

	byte[] frame() {
		return this.frame;
	}

	long receivedNanos() {
		return this.receivedNanos;
	}

	long order() {
		return this.order;
	}

}
