package io.holdfast.transport;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.netty.channel.Channel;

import org.springframework.integration.ip.tcp.connection.TcpConnectionInterceptorSupport;
import org.springframework.integration.ip.tcp.connection.TcpConnectionSupport;

/**
 * The map of connections that stock factories keep by id. They remove from it only on a
 * walk over all of it; here each connection leaves when its channel is gone.
 */
final class Connections {

	private Connections() {
	}

	static void forget(Map<String, TcpConnectionSupport> connections, NettyTcpConnection connection) {
		TcpConnectionSupport outermost = connections.remove(connection.getConnectionId());
		if (outermost instanceof TcpConnectionInterceptorSupport interceptor) {
			interceptor.removeDeadConnection(interceptor);
		}
		else if (outermost != null) {
			outermost.getSenders().forEach((sender) -> sender.removeDeadConnection(connection));
		}
	}

	static List<Channel> channelsOf(Map<String, TcpConnectionSupport> connections) {
		List<Channel> channels = new ArrayList<>(connections.size());
		for (TcpConnectionSupport connection : connections.values()) {
			TcpConnectionSupport inner = connection;
			while (inner instanceof TcpConnectionInterceptorSupport interceptor) {
				inner = interceptor.getTheConnection();
			}
			if (inner instanceof NettyTcpConnection netty) {
				channels.add(netty.channel());
			}
		}
		return channels;
	}

}
