package io.holdfast.testing;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Binds a port. Needs nothing but the JDK: {@link EchoUpstream} runs without libraries.
 */
final class ListeningSocket {

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	private static final Duration PAUSE = Duration.ofMillis(20);

	private static final int BACKLOG = 1024;

	private ListeningSocket() {
	}

	/**
	 * Binds, and tries again for ten seconds while the port is taken: what used it before
	 * may just be closing.
	 * @param port 0 for a free one
	 */
	static ServerSocket bind(InetAddress address, int port) throws IOException {
		long start = System.nanoTime();
		while (true) {
			ServerSocket listener = new ServerSocket();
			try {
				listener.setReuseAddress(true);
				listener.bind(new InetSocketAddress(address, port), BACKLOG);
				return listener;
			}
			catch (BindException ex) {
				listener.close();
				if (System.nanoTime() - start > PATIENCE.toNanos()) {
					throw ex;
				}
				LockSupport.parkNanos(PAUSE.toNanos());
			}
		}
	}

}
