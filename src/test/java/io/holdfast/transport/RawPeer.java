package io.holdfast.transport;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;

/**
 * A peer that knows nothing but bytes. Every read gives up after ten seconds.
 */
final class RawPeer implements Closeable {

	private static final int PATIENCE_MILLIS = 10_000;

	private final Socket socket;

	RawPeer(Socket socket) throws SocketException {
		this.socket = socket;
		socket.setSoTimeout(PATIENCE_MILLIS);
		socket.setTcpNoDelay(true);
	}

	Socket socket() {
		return this.socket;
	}

	/**
	 * Writes one byte per character.
	 */
	RawPeer write(String text) {
		return write(text.getBytes(StandardCharsets.ISO_8859_1));
	}

	RawPeer write(byte[] bytes) {
		try {
			this.socket.getOutputStream().write(bytes);
			return this;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	byte[] readBytes(int length) {
		try {
			return this.socket.getInputStream().readNBytes(length);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Reads one character per byte.
	 */
	String read(int length) {
		return new String(readBytes(length), StandardCharsets.ISO_8859_1);
	}

	/**
	 * Reads up to the next line feed, which is not part of the result, and neither is a
	 * carriage return before it.
	 */
	String readLine() {
		try {
			InputStream in = this.socket.getInputStream();
			StringBuilder line = new StringBuilder();
			int next = in.read();
			while (next != -1 && next != '\n') {
				line.append((char) next);
				next = in.read();
			}
			return line.toString().replace("\r", "");
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Waits for the other side to finish or to send something.
	 */
	boolean isAtEnd() {
		return readBytes(1).length == 0;
	}

	/**
	 * Says that nothing more will be sent, and goes on reading.
	 */
	void finish() {
		try {
			this.socket.shutdownOutput();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Breaks the connection off, so that the other side sees a reset.
	 */
	void reset() {
		try {
			this.socket.setSoLinger(true, 0);
		}
		catch (SocketException ex) {
			throw new UncheckedIOException(ex);
		}
		close();
	}

	@Override
	public void close() {
		try {
			this.socket.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * A port at which such peers can be met.
	 */
	static final class Port implements Closeable {

		private final ServerSocket socket;

		Port(ServerSocket socket) throws SocketException {
			this.socket = socket;
			socket.setSoTimeout(PATIENCE_MILLIS);
		}

		int number() {
			return this.socket.getLocalPort();
		}

		Socket accept() throws IOException {
			return this.socket.accept();
		}

		@Override
		public void close() throws IOException {
			this.socket.close();
		}

	}

}
