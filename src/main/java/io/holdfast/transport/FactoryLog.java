package io.holdfast.transport;

import java.net.SocketAddress;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs about the connections of one factory. Peers cause these lines, so each kind is
 * written once a second at most, see {@link PacedLog}, and a failure takes one line: the
 * stack trace comes with it where {@code io.holdfast.transport} is logged at DEBUG.
 */
final class FactoryLog {

	private static final Logger logger = LoggerFactory.getLogger(NettyTcpConnection.class);

	private final PacedLog flows = new PacedLog();

	private final PacedLog errors = new PacedLog();

	private final PacedLog replies = new PacedLog();

	private final PacedLog listeners = new PacedLog();

	private final PacedLog publishers = new PacedLog();

	private final PacedLog senders = new PacedLog();

	private final PacedLog openings = new PacedLog();

	private final PacedLog refusals = new PacedLog();

	/** The flow behind a factory threw an exception. The connection stays. */
	void flowFailed(NettyTcpConnection connection, String what, Throwable failure) {
		failed(this.flows, failure, "connection factory '" + connection.getConnectionFactoryName()
				+ "' - the flow failed for " + what + " of " + connection.getConnectionId());
	}

	/** The flow behind a factory threw an error. */
	void flowBroke(NettyTcpConnection connection, Throwable failure) {
		failed(this.errors, failure, "connection factory '" + connection.getConnectionFactoryName()
				+ "' - the flow failed with an error, so the connection is closed: " + connection.getConnectionId());
	}

	/** A flow's reply could not be sent. */
	void replyFailed(NettyTcpConnection connection, Throwable failure) {
		failed(this.replies, failure, "connection factory '" + connection.getConnectionFactoryName()
				+ "' - cannot send a reply, so the connection is closed: " + connection.getConnectionId());
	}

	/** Nobody is there to take a frame. */
	void noListener(NettyTcpConnection connection, int length) {
		String id = connection.getConnectionId();
		this.listeners
			.write((more) -> logger.warn("connection {} - dropped a frame of {} bytes: no listener is registered;"
					+ " add an inbound adapter to its connection factory{}", id, length, more));
	}

	/** An observer of the stock events threw an exception. */
	void eventFailed(Object event, Throwable failure) {
		failed(this.publishers, failure,
				"connections - an observer of events failed at " + event.getClass().getSimpleName());
	}

	/** The factory was given no publisher, so that nobody can observe its events. */
	void noPublisher(Object event) {
		String type = event.getClass().getSimpleName();
		this.publishers.write((more) -> logger.warn("connections - nobody can observe their events, such as {}:"
				+ " the connection factory has no event publisher; set one{}", type, more));
	}

	/** A sender threw an exception where it was told that a connection has gone. */
	void senderFailed(Throwable failure) {
		failed(this.senders, failure, "connections - a sender failed where it was to forget a connection");
	}

	/**
	 * An interceptor, a sender or the like threw something while a connection was opened.
	 */
	void openingFailed(@Nullable SocketAddress remote, Throwable failure) {
		failed(this.openings, failure, "cannot set up the connection from " + remote);
	}

	/** No worker was free to open a connection. */
	void refused(@Nullable SocketAddress remote) {
		this.refusals.write((more) -> logger.warn("connection from {} refused: no worker is free and the queue is full;"
				+ " raise workers.max-concurrent, or make the flow faster{}", remote, more));
	}

	private static void failed(PacedLog log, Throwable failure, String what) {
		failed(log, logger, failure, what);
	}

	/** Logs a failure of code that is not ours in one line, with its trace at DEBUG. */
	static void failed(PacedLog log, Logger to, Throwable failure, String what) {
		String why = Failures.text(failure);
		Throwable trace = to.isDebugEnabled() ? failure : null;
		log.write((more) -> write(to, what + ": " + why + more, trace));
	}

	private static void write(Logger to, String line, @Nullable Throwable trace) {
		if (trace != null) {
			to.error(line, trace);
		}
		else {
			to.error(line);
		}
	}

}
