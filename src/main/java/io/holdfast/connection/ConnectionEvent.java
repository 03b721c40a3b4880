package io.holdfast.connection;

import java.time.Duration;

/**
 * Something that happened to a connection, with the connection as it was at that moment.
 */
public sealed interface ConnectionEvent {

	/**
	 * The connection that it happened to.
	 * @return a snapshot
	 */
	ConnectionInfo connection();

	/**
	 * A connection has been accepted. The first event of every connection.
	 *
	 * @param connection the connection
	 */
	record Opened(ConnectionInfo connection) implements ConnectionEvent {

	}

	/**
	 * A connection has ended. The last event of every connection.
	 *
	 * @param connection the connection, with its final numbers
	 * @param reason why it ended
	 * @param lifetime how long it was open
	 */
	record Closed(ConnectionInfo connection, CloseReason reason, Duration lifetime) implements ConnectionEvent {

	}

}
