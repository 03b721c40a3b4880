package io.holdfast.testing;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.StreamCorruptedException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.Semaphore;

import io.holdfast.testing.FrameClients.Ending;
import io.holdfast.testing.FrameClients.Options;
import org.jspecify.annotations.Nullable;

/**
 * One of the {@link FrameClients}: a thread that reads, and for each connection a second
 * one that writes. Both block, so a reply is read even while a large request is written.
 */
final class FrameClient {

	private static final int CONNECT_TIMEOUT_MILLIS = 10_000;

	private final FrameClients clients;

	private final Options options;

	private final String name;

	private final Outstanding outstanding;

	private final Thread reader;

	private int connects;

	// guarded by this, as the next
	private Socket socket;

	private boolean closed;

	FrameClient(FrameClients clients, Options options, int id) throws IOException {
		this.clients = clients;
		this.options = options;
		this.name = "client " + id;
		this.outstanding = new Outstanding(id, options);
		this.socket = connect(new Socket());
		this.reader = new Thread(this::run, this.name);
		this.reader.setDaemon(true);
	}

	void start() {
		this.reader.start();
	}

	int outstanding() {
		return this.outstanding.size();
	}

	/**
	 * Sends nothing more, but still reads.
	 */
	void stop() {
		this.outstanding.stop();
	}

	/**
	 * Closes the connection. What is outstanding then stays so.
	 */
	void close() throws IOException, InterruptedException {
		synchronized (this) {
			this.closed = true;
			this.socket.close();
		}
		this.reader.join();
	}

	private synchronized boolean isClosed() {
		return this.closed;
	}

	private void run() {
		try {
			Socket connected = this.socket;
			while (connected != null) {
				converse(connected);
				connected = this.options.reconnect() ? connectAgain() : null;
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private void converse(Socket connected) throws InterruptedException {
		Semaphore window = new Semaphore(this.options.depth());
		Thread writer = new Thread(() -> write(connected, window), this.name + " writes");
		writer.setDaemon(true);
		writer.start();
		Ending ending = read(connected, window);
		closeQuietly(connected);
		// it may wait for the window, which nobody opens any more
		writer.interrupt();
		writer.join();
		if (!isClosed()) {
			this.clients.connectionEnded(ending, this.outstanding.lose());
		}
	}

	/**
	 * Reads until the connection ends.
	 */
	private Ending read(Socket connected, Semaphore window) {
		try {
			DataInputStream input = new DataInputStream(new BufferedInputStream(connected.getInputStream()));
			byte[] reply = NumberedFrame.read(input);
			while (reply != null) {
				Outstanding.Verdict verdict = this.outstanding.judge(reply);
				this.clients.judged(verdict, reply, this.outstanding);
				if (verdict.isAnswer()) {
					window.release();
				}
				reply = NumberedFrame.read(input);
			}
			return Ending.CLOSED;
		}
		catch (StreamCorruptedException ex) {
			// after a wrong length nothing can be told apart
			this.clients.judged(Outstanding.Verdict.WRONG, new byte[0], this.outstanding);
			return Ending.OWN;
		}
		catch (IOException ex) {
			return Ending.BROKEN;
		}
	}

	private void write(Socket connected, Semaphore window) {
		try {
			while (true) {
				window.acquire();
				byte[] request = this.outstanding.next();
				if (request == null) {
					return;
				}
				this.clients.sending();
				NumberedFrame.write(connected.getOutputStream(), request);
			}
		}
		catch (IOException ex) {
			// the reader sees the end too, after the replies that came before it
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * Tries until it is connected.
	 * @return {@code null} if it was stopped before
	 */
	private @Nullable Socket connectAgain() throws InterruptedException {
		while (!this.clients.awaitStop()) {
			Socket fresh = new Socket();
			synchronized (this) {
				if (this.closed) {
					return null;
				}
				this.socket = fresh;
			}
			try {
				connect(fresh);
				this.clients.connectedAgain();
				return fresh;
			}
			catch (IOException ex) {
				closeQuietly(fresh);
			}
		}
		return null;
	}

	private Socket connect(Socket fresh) throws IOException {
		int port = this.options.ports().get(this.connects++ % this.options.ports().size());
		fresh.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_TIMEOUT_MILLIS);
		// while nobody listens, the system may choose that very port for this end too
		if (fresh.getLocalPort() == fresh.getPort()) {
			throw new ConnectException("port " + fresh.getPort() + " connected to itself");
		}
		fresh.setTcpNoDelay(true);
		return fresh;
	}

	private static void closeQuietly(Socket socket) {
		try {
			socket.close();
		}
		catch (IOException ex) {
			// gone either way
		}
	}

}
