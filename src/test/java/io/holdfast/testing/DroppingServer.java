package io.holdfast.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;

/**
 * A port on the loopback at which attempts to connect hang, as at a host that drops them:
 * its backlog is full and nobody accepts.
 */
public final class DroppingServer implements AutoCloseable {

	private static final int PATIENCE_MILLIS = 200;

	private static final int MOST = 100;

	private final ServerSocket listener;

	private final List<Socket> backlog = new ArrayList<>();

	private DroppingServer(ServerSocket listener) {
		this.listener = listener;
	}

	/**
	 * Starts on a free port.
	 */
	public static DroppingServer start() throws IOException {
		DroppingServer server = new DroppingServer(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
		for (int i = 0; i < MOST; i++) {
			Socket socket = new Socket();
			server.backlog.add(socket);
			try {
				socket.connect(server.listener.getLocalSocketAddress(), PATIENCE_MILLIS);
			}
			catch (SocketTimeoutException ex) {
				return server;
			}
		}
		server.close();
		throw new IOException("a backlog of 1 took " + MOST + " connections");
	}

	/**
	 * The port at which attempts hang.
	 */
	public int port() {
		return ((InetSocketAddress) this.listener.getLocalSocketAddress()).getPort();
	}

	@Override
	public void close() throws IOException {
		for (Socket socket : this.backlog) {
			socket.close();
		}
		this.listener.close();
	}

}
