package io.holdfast.route;

import io.holdfast.transport.NettyTcpConnection;

/**
 * Counts the frames that are offered to one side of a client with a link for itself. Each
 * is relayed once the kernel has taken all of it; those that it has not taken when the
 * socket is closed have another outcome. Counted by the flush, and not by the frame.
 * Belongs to the connection's loop.
 */
final class OfferedFrames {

	private final NettyTcpConnection connection;

	private final Outcomes outcomes;

	private final Outcome untaken;

	private long underWay;

	/**
	 * None yet.
	 * @param connection that they are offered to
	 * @param untaken outcome of those that the kernel never took
	 */
	OfferedFrames(NettyTcpConnection connection, Outcomes outcomes, Outcome untaken) {
		this.connection = connection;
		this.outcomes = outcomes;
		this.untaken = untaken;
	}

	/** One more was accepted for sending. */
	void offered() {
		this.underWay++;
	}

	/** The kernel has taken so many. */
	void taken(int frames) {
		this.underWay -= frames;
		this.outcomes.count(Outcome.RELAYED, frames);
	}

	/**
	 * Settles the rest once the socket is closed: what is being sent at the close may
	 * still be taken. None is offered after this call.
	 */
	void settleWhenGone() {
		this.connection.whenGone(() -> {
			this.outcomes.count(this.untaken, this.underWay);
			this.underWay = 0;
		});
	}

}
