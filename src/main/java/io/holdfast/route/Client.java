package io.holdfast.route;

import java.util.function.LongSupplier;

import io.holdfast.connection.CloseReason;
import io.holdfast.connection.ConnectionRegistry;
import io.holdfast.framing.FramingException;
import io.holdfast.transport.LoopSide;
import io.holdfast.transport.NettyTcpConnection;

/**
 * One client of a relay: what it is owed, and what is done when it cannot be had. Belongs
 * to the client's loop.
 */
final class Client {

	private final NettyTcpConnection connection;

	private final ConnectionRegistry registry;

	private final Outcomes outcomes;

	private final OnFailure onFailure;

	private final byte[] failureReply;

	private final LongSupplier nanoTime;

	private long frames;

	private int owed;

	/** When the client last had all that it was owed. */
	private long settledNanos;

	private boolean gone;

	Client(NettyTcpConnection connection, ConnectionRegistry registry, Outcomes outcomes, OnFailure onFailure,
			LongSupplier nanoTime) {
		this.connection = connection;
		this.registry = registry;
		this.outcomes = outcomes;
		this.onFailure = onFailure;
		this.failureReply = onFailure.replyBytes();
		this.nanoTime = nanoTime;
		this.settledNanos = nanoTime.getAsLong();
	}

	NettyTcpConnection connection() {
		return this.connection;
	}

	/** What the client's loop may do with the connection. */
	LoopSide onLoop() {
		return this.connection.onLoop();
	}

	boolean isGone() {
		return this.gone;
	}

	void leave() {
		this.gone = true;
	}

	/** A frame has come that something is owed for. Ends with one of the calls below. */
	Request request(Requester requester, byte[] frame) {
		if (this.owed++ == 0) {
			onLoop().holdEnd(true);
		}
		return new Request(requester, frame, onLoop().lastReadNanos(), this.frames++);
	}

	private void settle(long nowNanos) {
		if (--this.owed == 0) {
			this.settledNanos = nowNanos;
			onLoop().holdEnd(false);
		}
	}

	/** Until when the client has waited for replies: now if it still does. */
	long owedUntilNanos() {
		return (this.owed > 0) ? this.nanoTime.getAsLong() : this.settledNanos;
	}

	/**
	 * Hands a reply over. A client that reads too slowly is closed for it, and nobody
	 * else waits.
	 */
	void answer(Request request, byte[] reply, long nowNanos) {
		if (this.gone) {
			this.outcomes.count(Outcome.RELAYED);
			this.outcomes.count(Outcome.UNMATCHED_REPLY);
			settle(nowNanos);
			return;
		}
		try {
			if (onLoop().trySend(reply)) {
				this.outcomes.replied(nowNanos - request.receivedNanos());
			}
			else {
				this.outcomes.count(Outcome.RELAYED);
				this.outcomes.count(Outcome.UNMATCHED_REPLY);
			}
			settle(nowNanos);
		}
		catch (FramingException ex) {
			// the reply does not fit the listener's protocol
			this.outcomes.count(Outcome.UNMATCHED_REPLY);
			fail(Outcome.REFUSED);
		}
	}

	/** Counts the failure of a request, and does for its client what the settings say. */
	void fail(Outcome outcome) {
		this.outcomes.count(outcome);
		afterFailure();
		settle(this.nanoTime.getAsLong());
	}

	void afterFailure() {
		if (this.gone) {
			return;
		}
		switch (this.onFailure.action()) {
			case CLOSE -> close();
			case DROP -> {
			}
			case REPLY -> onLoop().trySend(this.failureReply);
		}
	}

	/** What is owed to nobody in particular has failed, such as a link for life. */
	void closeIfTold() {
		if (!this.gone && this.onFailure.action() == OnFailure.Action.CLOSE) {
			close();
		}
	}

	/** A frame that is no reply. */
	void push(byte[] frame) {
		try {
			if (!this.gone) {
				onLoop().trySend(frame);
			}
		}
		catch (FramingException ex) {
			// it does not fit the listener's protocol, and nobody asked for it
		}
	}

	private void close() {
		this.registry.close(this.connection.getConnectionId(), CloseReason.UPSTREAM_LOST);
	}

}
