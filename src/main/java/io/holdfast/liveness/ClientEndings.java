package io.holdfast.liveness;

import io.holdfast.connection.CloseReason;
import io.holdfast.connection.ConnectionRegistry;
import io.holdfast.connection.EndedException;
import io.holdfast.transport.NettyTcpConnection;
import org.jspecify.annotations.Nullable;

import org.springframework.integration.ip.tcp.connection.TcpConnection;
import org.springframework.integration.ip.tcp.connection.TcpConnectionInterceptorSupport;
import org.springframework.integration.ip.tcp.connection.TcpSender;

/**
 * Introduces a listener's connections to its {@link Liveness}, and ends those that it
 * gives up.
 */
public final class ClientEndings implements TcpSender, Endings {

	private final Liveness liveness;

	private final ConnectionRegistry registry;

	private final byte @Nullable [] goodbye;

	/**
	 * For one listener.
	 * @param liveness watches its connections
	 * @param registry knows them
	 * @param goodbye content of the last frame to a client that leaves in order
	 */
	public ClientEndings(Liveness liveness, ConnectionRegistry registry, byte @Nullable [] goodbye) {
		this.liveness = liveness;
		this.registry = registry;
		this.goodbye = goodbye;
	}

	@Override
	public void addNewConnection(TcpConnection added) {
		TcpConnection innermost = added;
		while (innermost instanceof TcpConnectionInterceptorSupport interceptor) {
			innermost = interceptor.getTheConnection();
		}
		if (innermost instanceof NettyTcpConnection connection) {
			this.liveness.watch(connection, this);
		}
	}

	@Override
	public void removeDeadConnection(TcpConnection dead) {
	}

	@Override
	public void end(NettyTcpConnection connection, CloseReason reason, String message) {
		if (reason == CloseReason.MAX_AGE) {
			this.registry.leave(connection.getConnectionId(), reason, this.goodbye);
		}
		else {
			connection.end(new EndedException(reason, message));
		}
	}

}
