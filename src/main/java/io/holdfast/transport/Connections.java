package io.holdfast.transport;

import java.util.List;
import java.util.Map;

import org.springframework.integration.ip.tcp.connection.TcpConnectionInterceptorSupport;
import org.springframework.integration.ip.tcp.connection.TcpConnectionSupport;
import org.springframework.integration.ip.tcp.connection.TcpSender;

/**
 * The map of connections that stock factories keep by id. They remove from it only on a
 * walk over all of it; here each connection leaves when its channel is gone.
 */
final class Connections {

	private Connections() {
	}

	static void forget(Map<String, TcpConnectionSupport> connections, NettyTcpConnection connection, FactoryLog log) {
		TcpConnectionSupport outermost = connections.remove(connection.listedId());
		if (outermost instanceof TcpConnectionInterceptorSupport interceptor) {
			tell(interceptor, interceptor, log);
		}
		else if (outermost != null) {
			outermost.getSenders().forEach((sender) -> tell(sender, connection, log));
		}
	}

	private static void tell(TcpSender sender, TcpConnectionSupport gone, FactoryLog log) {
		try {
			sender.removeDeadConnection(gone);
		}
		catch (RuntimeException ex) {
			log.senderFailed(ex);
		}
	}

	static List<NettyTcpConnection> of(Map<String, TcpConnectionSupport> connections) {
		return connections.values().stream().flatMap((one) -> NettyTcpConnection.beneath(one).stream()).toList();
	}

}
