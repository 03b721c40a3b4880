package io.holdfast.route;

import io.holdfast.connection.CloseReason;
import io.holdfast.framing.FramingException;
import io.holdfast.transport.LoopSide;
import io.holdfast.transport.NettyTcpConnection;

import org.springframework.integration.ip.tcp.connection.TcpConnection;
import org.springframework.messaging.MessagingException;
import org.springframework.messaging.support.GenericMessage;

/**
 * One client of a relay: what it is owed, and what is done when it cannot be had. Belongs
 * to the client's loop.
 * <p>
 * None of the calls that settle a request throws, and each settles it once: whatever
 * fails on the way to the client, the request has its outcome and is owed no longer.
 */
final class Client {

	private final NettyTcpConnection connection;

	/** The outermost interceptor, or the connection itself. */
	private final TcpConnection outermost;

	private final RelayContext context;

	private long frames;

	private int owed;

	/** When the client last had all that it was owed. */
	private long settledNanos;

	private boolean gone;

	Client(NettyTcpConnection connection, TcpConnection outermost, RelayContext context) {
		this.connection = connection;
		this.outermost = outermost;
		this.context = context;
		this.settledNanos = context.nanoTime();
	}

	NettyTcpConnection connection() {
		return this.connection;
	}

	/** Operations that the client's loop alone may use. */
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
		return new Request(requester, frame, this.context.isOneWay(frame), onLoop().lastReadNanos(), this.frames++);
	}

	/**
	 * Hands a reply over. A client that reads too slowly is closed for it, and nobody
	 * else waits.
	 */
	void answer(Request request, byte[] reply, long nowNanos) {
		if (!request.settle()) {
			this.context.outcomes().count(Outcome.UNMATCHED_REPLY);
			return;
		}
		switch (send(reply)) {
			case SENT -> this.context.outcomes().replied(nowNanos - request.receivedNanos());
			case CLOSED -> {
				this.context.outcomes().count(Outcome.RELAYED);
				this.context.outcomes().count(Outcome.UNMATCHED_REPLY);
			}
			case UNFIT -> {
				this.context.outcomes().count(Outcome.UNMATCHED_REPLY);
				this.context.outcomes().count(Outcome.REFUSED);
				afterFailure();
			}
		}
		owesNoMore(nowNanos);
	}

	/** Counts the failure of a request, and does for its client what the settings say. */
	void fail(Request request, Outcome outcome) {
		if (request.settle()) {
			this.context.outcomes().count(outcome);
			afterFailure();
			owesNoMore(this.context.nanoTime());
		}
	}

	/** Counts a request that has no reply and has left. */
	void written(Request request) {
		if (request.settle()) {
			this.context.outcomes().count(Outcome.RELAYED);
			owesNoMore(this.context.nanoTime());
		}
	}

	private void owesNoMore(long nowNanos) {
		if (--this.owed == 0) {
			this.settledNanos = nowNanos;
			releaseEnd();
		}
	}

	/** Lets the end of the client's stream be told, and the client leave. */
	void releaseEnd() {
		try {
			onLoop().holdEnd(false);
		}
		catch (RuntimeException | OutOfMemoryError ex) {
			this.context.faults().tell("let a client go", ex);
		}
	}

	/** Goes on reading the client. */
	void resumeReading() {
		try {
			onLoop().resumeReading();
		}
		catch (RuntimeException | OutOfMemoryError ex) {
			this.context.faults().tell("read a client again", ex);
		}
	}

	/** Until when the client has waited for replies: now if it still does. */
	long owedUntilNanos() {
		return (this.owed > 0) ? this.context.nanoTime() : this.settledNanos;
	}

	void afterFailure() {
		if (this.gone) {
			return;
		}
		switch (this.context.onFailure()) {
			case CLOSE -> close();
			case DROP -> {
			}
			case REPLY -> send(this.context.failureReply());
		}
	}

	/**
	 * Closes the client where failures do so, for one that concerns no request, such as
	 * of a link for life.
	 */
	void closeIfTold() {
		if (!this.gone && this.context.onFailure() == OnFailure.Action.CLOSE) {
			close();
		}
	}

	/** A frame that is no reply. One that does not fit was asked for by nobody. */
	void push(byte[] frame) {
		send(frame);
	}

	/**
	 * Sends a frame whatever is unsent already, to a client whose link is not read beyond
	 * half of what may be.
	 * @return false if it could not be sent
	 */
	boolean pass(byte[] frame) {
		if (this.gone || isIntercepted()) {
			return send(frame) == Sending.SENT;
		}
		try {
			return onLoop().offer(frame) >= 0;
		}
		catch (FramingException ex) {
			// it does not fit the listener's protocol
			return false;
		}
		catch (RuntimeException | OutOfMemoryError ex) {
			this.context.faults().tell("sent a frame to a client", ex);
			return false;
		}
	}

	/**
	 * Whether interceptors decide what the client is sent.
	 */
	boolean isIntercepted() {
		return this.outermost != this.connection;
	}

	/**
	 * Sends a frame, through the interceptors if there are any. A client that has too
	 * much unread is closed.
	 */
	private Sending send(byte[] frame) {
		if (this.gone) {
			return Sending.CLOSED;
		}
		try {
			if (isIntercepted()) {
				this.outermost.send(new GenericMessage<>(frame));
				return Sending.SENT;
			}
			return onLoop().trySend(frame) ? Sending.SENT : Sending.CLOSED;
		}
		catch (FramingException ex) {
			// it does not fit the listener's protocol
			return Sending.UNFIT;
		}
		catch (RuntimeException | OutOfMemoryError ex) {
			if (ex instanceof MessagingException && !this.connection.isOpen()) {
				// how a connection with interceptors tells that
				return (ex.getCause() instanceof FramingException) ? Sending.UNFIT : Sending.CLOSED;
			}
			this.context.faults().tell("sent a frame to a client", ex);
			return Sending.UNFIT;
		}
	}

	private void close() {
		try {
			this.context.registry().close(this.connection.getConnectionId(), CloseReason.UPSTREAM_LOST);
		}
		catch (RuntimeException | OutOfMemoryError ex) {
			this.context.faults().tell("closed a client", ex);
		}
	}

	private enum Sending {

		/** It was taken. */
		SENT,

		/** The client is closed, now or before. */
		CLOSED,

		/** It cannot be sent to this client. */
		UNFIT

	}

}
