package io.holdfast.testing;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One connection of an {@link UpstreamServer}, with the thread that reads it.
 */
final class UpstreamConnection implements UpstreamServer.Peer {

	private final UpstreamServer server;

	private final Socket socket;

	private final Thread reader;

	// not taken to close: a write that blocks must not keep the connection open
	private final Lock writing = new ReentrantLock();

	private volatile int frames;

	UpstreamConnection(UpstreamServer server, Socket socket) {
		this.server = server;
		this.socket = socket;
		this.reader = new Thread(this::read, "upstream " + server.port() + " from " + socket.getPort());
		this.reader.setDaemon(true);
	}

	void start() {
		this.reader.start();
	}

	private void read() {
		try {
			this.socket.setTcpNoDelay(true);
			DataInputStream input = new DataInputStream(new BufferedInputStream(this.socket.getInputStream()));
			int read = 0;
			while (this.server.awaitTurn(this)) {
				byte[] content = NumberedFrame.read(input);
				if (content == null) {
					return;
				}
				this.frames = ++read;
				this.server.arrived(content).on(content, this);
			}
		}
		catch (IOException ex) {
			// the other side has gone, or the script has ended the connection
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		finally {
			close();
		}
	}

	@Override
	public void reply(byte[] content) throws IOException {
		raw(NumberedFrame.framed(content));
	}

	@Override
	public void replyTwice(byte[] content) throws IOException {
		byte[] frame = NumberedFrame.framed(content);
		byte[] both = new byte[2 * frame.length];
		System.arraycopy(frame, 0, both, 0, frame.length);
		System.arraycopy(frame, 0, both, frame.length, frame.length);
		raw(both);
	}

	@Override
	public void raw(byte[] bytes) throws IOException {
		this.writing.lock();
		try {
			this.socket.getOutputStream().write(bytes);
		}
		finally {
			this.writing.unlock();
		}
	}

	@Override
	public void close() {
		try {
			this.socket.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		finally {
			this.server.ended(this);
		}
	}

	@Override
	public void reset() {
		try {
			this.socket.setSoLinger(true, 0);
		}
		catch (IOException ex) {
			// it is closed already
		}
		close();
	}

	@Override
	public int frames() {
		return this.frames;
	}

}
