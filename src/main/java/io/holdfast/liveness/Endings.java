package io.holdfast.liveness;

import io.holdfast.connection.CloseReason;
import io.holdfast.transport.NettyTcpConnection;

/**
 * How a connection is ended whose peer is silent, late or old. Called once, on the
 * connection's loop.
 */
@FunctionalInterface
public interface Endings {

	/**
	 * Ends the connection: in order if it is merely old, else now.
	 * @param reason why
	 * @param message what happened, with numbers
	 */
	void end(NettyTcpConnection connection, CloseReason reason, String message);

}
