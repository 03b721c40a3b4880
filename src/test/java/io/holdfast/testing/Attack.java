package io.holdfast.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Many connections that mean harm, to a port that speaks {@code length32}. Each comes,
 * does what it does for a while, and leaves.
 */
public enum Attack {

	/** Send most of a large frame, and then nothing. */
	HALF_FRAMES(1500) {

		@Override
		ByteBuffer bytes() {
			return ByteBuffer.allocate(40_000).putInt(0, 60_000);
		}

	},

	/** Send frames without end and read no reply. */
	NEVER_READ(500) {

		@Override
		ByteBuffer bytes() {
			ByteBuffer frames = ByteBuffer.allocate(64 * 1024);
			while (frames.hasRemaining()) {
				frames.putInt(1020).position(frames.position() + 1020);
			}
			return frames.flip();
		}

		@Override
		boolean isOver(ByteBuffer rest) {
			rest.rewind();
			return false;
		}

	},

	/** Send empty frames without end. */
	EMPTY_FRAMES(2) {

		@Override
		ByteBuffer bytes() {
			return ByteBuffer.allocate(64 * 1024);
		}

		@Override
		boolean isOver(ByteBuffer rest) {
			rest.rewind();
			return false;
		}

	},

	/** Announce what is no length, and are closed for it. */
	GARBAGE(1000) {

		@Override
		ByteBuffer bytes() {
			return ByteBuffer.allocate(16).putInt(0, -1);
		}

	},

	/** Send many frames and break the connection off at once. */
	RESETS(1000) {

		@Override
		ByteBuffer bytes() {
			ByteBuffer frames = ByteBuffer.allocate(500);
			while (frames.hasRemaining()) {
				frames.putInt(1).put((byte) 'x');
			}
			return frames.flip();
		}

		@Override
		void lead(SocketChannel connection) throws IOException {
			connection.setOption(StandardSocketOptions.SO_LINGER, 0);
			connection.write(bytes());
			connection.close();
		}

	};

	private static final Duration CONNECT_PATIENCE = Duration.ofMillis(200);

	private final int connections;

	Attack(int connections) {
		this.connections = connections;
	}

	/** What one connection sends. */
	abstract ByteBuffer bytes();

	/** Whether nothing more is sent once all was. */
	boolean isOver(ByteBuffer rest) {
		return true;
	}

	void lead(SocketChannel connection) throws IOException {
	}

	/**
	 * Attacks a port of this machine, and returns when all have left.
	 * @param span how long they stay once all have come
	 */
	public void on(int port, Duration span) {
		List<SocketChannel> open = new ArrayList<>();
		List<ByteBuffer> rests = new ArrayList<>();
		try {
			for (int n = 0; n < this.connections; n++) {
				SocketChannel connection = connect(port);
				if (connection == null) {
					break;
				}
				open.add(connection);
				rests.add(bytes());
			}
			long end = System.nanoTime() + span.toNanos();
			while (System.nanoTime() - end < 0) {
				for (int n = 0; n < open.size(); n++) {
					send(open.get(n), rests.get(n));
				}
			}
		}
		finally {
			open.forEach(Attack::close);
		}
	}

	/** Null if the port takes no more at the moment. */
	private @Nullable SocketChannel connect(int port) {
		try {
			SocketChannel connection = SocketChannel.open();
			connection.socket()
				.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
						(int) CONNECT_PATIENCE.toMillis());
			connection.configureBlocking(false);
			lead(connection);
			return connection;
		}
		catch (IOException ex) {
			return null;
		}
	}

	private void send(SocketChannel connection, ByteBuffer rest) {
		try {
			if (connection.isOpen() && (rest.hasRemaining() || !isOver(rest))) {
				connection.write(rest);
			}
		}
		catch (IOException ex) {
			close(connection);
		}
	}

	private static void close(SocketChannel connection) {
		try {
			connection.close();
		}
		catch (IOException ex) {
			// gone all the same
		}
	}

}
