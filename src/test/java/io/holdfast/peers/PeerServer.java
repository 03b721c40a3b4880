package io.holdfast.peers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Sockets for a server whose protocol is another's code: one thread for each connection,
 * until it or the server is closed.
 */
final class PeerServer implements AutoCloseable {

	private final ServerSocket listener;

	private final Conversation conversation;

	private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();

	private final AtomicInteger accepted = new AtomicInteger();

	private PeerServer(ServerSocket listener, Conversation conversation) {
		this.listener = listener;
		this.conversation = conversation;
	}

	/**
	 * Listens on a free port of the loopback.
	 */
	static PeerServer start(Conversation conversation) throws IOException {
		PeerServer server = new PeerServer(new ServerSocket(0, 0, InetAddress.getLoopbackAddress()), conversation);
		start("server", server::accept);
		return server;
	}

	private static void start(String name, Runnable work) {
		Thread thread = new Thread(work, "peer " + name);
		thread.setDaemon(true);
		thread.start();
	}

	int port() {
		return this.listener.getLocalPort();
	}

	int accepted() {
		return this.accepted.get();
	}

	private void accept() {
		try {
			while (true) {
				Socket socket = this.listener.accept();
				socket.setTcpNoDelay(true);
				this.sockets.add(socket);
				start("connection " + this.accepted.incrementAndGet(), () -> serve(socket));
			}
		}
		catch (IOException ex) {
			// closed
		}
	}

	private void serve(Socket accepted) {
		try (Socket socket = accepted) {
			this.conversation.with(socket);
		}
		catch (IOException ex) {
			// the gateway has closed
		}
	}

	@Override
	public void close() {
		try {
			this.listener.close();
			for (Socket socket : this.sockets) {
				socket.close();
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * What is said on one connection. An exception ends it.
	 */
	@FunctionalInterface
	interface Conversation {

		void with(Socket socket) throws IOException;

	}

}
