package io.holdfast.liveness;

import io.holdfast.connection.CloseReason;
import io.holdfast.connection.ConnectionRegistry;
import io.holdfast.connection.EndedException;
import io.holdfast.transport.NettyTcpConnection;

import org.springframework.integration.ip.tcp.connection.TcpConnection;
import org.springframework.integration.ip.tcp.connection.TcpSender;

/**
 * Introduces a listener's connections to its {@link Liveness}, and ends those that it
 * gives up.
 */
public final class ClientEndings implements TcpSender, Endings {

	private final Liveness liveness;

	private final ConnectionRegistry registry;

	/**
	 * For one listener.
	 * @param liveness watches its connections
	 * @param registry knows them
	 */
	public ClientEndings(Liveness liveness, ConnectionRegistry registry) {
		this.liveness = liveness;
		this.registry = registry;
	}

	@Override
	public void addNewConnection(TcpConnection added) {
		NettyTcpConnection.beneath(added).ifPresent((connection) -> this.liveness.watch(connection, this));
	}

	@Override
	public void removeDeadConnection(TcpConnection dead) {
	}

	@Override
	public void end(NettyTcpConnection connection, CloseReason reason, String message) {
		if (reason == CloseReason.MAX_AGE) {
			this.registry.leave(connection.getConnectionId(), reason);
		}
		else {
			connection.onLoop().end(new EndedException(reason, message));
		}
	}

}
