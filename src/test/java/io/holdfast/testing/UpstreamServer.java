package io.holdfast.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A server on the loopback, in this process, that does with each {@code length32} frame
 * what its {@link Script} says. Each connection has a thread of its own, which runs the
 * script. All methods may be called from any thread.
 */
public final class UpstreamServer implements AutoCloseable {

	private final ServerSocket listener;

	private final Thread acceptor;

	private final Set<UpstreamConnection> connections = ConcurrentHashMap.newKeySet();

	// guarded by this, as all below
	private final List<byte[]> received = new ArrayList<>();

	private Script script;

	private int accepted;

	private long count;

	private boolean keepFrames = true;

	private UpstreamServer(ServerSocket listener, Script script) {
		this.listener = listener;
		this.script = script;
		this.acceptor = new Thread(this::accept, "upstream " + listener.getLocalPort());
		this.acceptor.setDaemon(true);
	}

	/**
	 * Starts on a free port.
	 */
	public static UpstreamServer start(Script script) {
		return start(0, script);
	}

	/**
	 * Starts on a port, also on one that was in use a moment ago.
	 * @param port 0 for a free one
	 */
	public static UpstreamServer start(int port, Script script) {
		try {
			UpstreamServer server = new UpstreamServer(ListeningSocket.bind(InetAddress.getLoopbackAddress(), port),
					script);
			server.acceptor.start();
			return server;
		}
		catch (IOException ex) {
			throw new UncheckedIOException("upstream on port " + port, ex);
		}
	}

	public int port() {
		return this.listener.getLocalPort();
	}

	/**
	 * The connections accepted so far. A client may be connected a moment earlier: wait
	 * for the number before closing connections.
	 */
	public synchronized int accepted() {
		return this.accepted;
	}

	/**
	 * The connections open now. One that the other side has ended counts until its end is
	 * read: with {@link Scripts#notReading()} for ever.
	 */
	public int open() {
		return this.connections.size();
	}

	/**
	 * The contents of all frames so far, in order of arrival.
	 */
	public synchronized List<byte[]> received() {
		return List.copyOf(this.received);
	}

	/**
	 * The number of all frames so far, kept or not.
	 */
	public synchronized long count() {
		return this.count;
	}

	/**
	 * Whether {@link #received()} has the frames to come; it has unless told otherwise.
	 */
	public synchronized void keepFrames(boolean keepFrames) {
		this.keepFrames = keepFrames;
	}

	/**
	 * Changes what is done with the frames to come. A connection that already waits for
	 * its next frame still reads that one, even if the new script does not read.
	 */
	public synchronized void script(Script script) {
		this.script = script;
		notifyAll();
	}

	/**
	 * Writes a frame nobody asked for on every open connection. Blocks while a peer does
	 * not read.
	 */
	public void send(byte[] content) {
		for (UpstreamConnection connection : this.connections) {
			try {
				connection.reply(content);
			}
			catch (IOException ex) {
				// its peer has gone, and its own thread tells
			}
		}
	}

	/**
	 * Ends every open connection.
	 */
	public void closeConnections() {
		this.connections.forEach(UpstreamConnection::close);
	}

	/**
	 * Resets every open connection.
	 */
	public void resetConnections() {
		this.connections.forEach(UpstreamConnection::reset);
	}

	/**
	 * Stops listening; open connections stay.
	 */
	public void stopListening() {
		try {
			this.listener.close();
			this.acceptor.join();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * Stops listening and ends every open connection.
	 */
	@Override
	public void close() {
		stopListening();
		closeConnections();
	}

	private void accept() {
		try {
			while (true) {
				Socket socket = this.listener.accept();
				UpstreamConnection connection = new UpstreamConnection(this, socket);
				// the set first: who sees it accepted also sees it open
				this.connections.add(connection);
				synchronized (this) {
					this.accepted++;
				}
				connection.start();
			}
		}
		catch (IOException ex) {
			// closed
		}
	}

	/**
	 * Waits until the connection shall read its next frame.
	 * @return {@code false} if it has ended instead
	 */
	synchronized boolean awaitTurn(UpstreamConnection connection) throws InterruptedException {
		while (!this.script.reads() && this.connections.contains(connection)) {
			wait();
		}
		return this.connections.contains(connection);
	}

	/**
	 * Counts a frame.
	 * @return what to do with it
	 */
	synchronized Script arrived(byte[] content) {
		this.count++;
		if (this.keepFrames) {
			this.received.add(content);
		}
		return this.script;
	}

	synchronized void ended(UpstreamConnection connection) {
		this.connections.remove(connection);
		notifyAll();
	}

	@Override
	public String toString() {
		return "upstream " + port() + " (accepted=" + accepted() + ", open=" + open() + ", frames=" + count() + ")";
	}

	/**
	 * What is done with a frame. Called on the thread of the connection, which reads on
	 * when it returns; a script for several connections is called by several threads.
	 */
	@FunctionalInterface
	public interface Script {

		/**
		 * Handles a frame. An exception ends the connection.
		 */
		void on(byte[] content, Peer peer) throws IOException;

		/**
		 * Whether frames are read at all.
		 */
		default boolean reads() {
			return true;
		}

	}

	/**
	 * The connection that a frame came on. Its methods may be called from any thread,
	 * also after {@link Script#on} has returned.
	 */
	public interface Peer {

		/**
		 * Sends a frame, in one write.
		 */
		void reply(byte[] content) throws IOException;

		/**
		 * Sends a frame twice, both in one write.
		 */
		void replyTwice(byte[] content) throws IOException;

		/**
		 * Sends bytes as they are.
		 */
		void raw(byte[] bytes) throws IOException;

		/**
		 * Ends the connection.
		 */
		void close();

		/**
		 * Ends the connection with a reset instead of an orderly end.
		 */
		void reset();

		/**
		 * How many frames this connection has received, the present one included.
		 */
		int frames();

	}

}
