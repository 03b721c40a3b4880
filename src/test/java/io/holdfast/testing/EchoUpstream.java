package io.holdfast.testing;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;

/**
 * The main class of an {@link UpstreamProcess}: echoes {@code length32} frames, with a
 * thread per connection. Takes the port as its argument and prints the one it listens on.
 */
final class EchoUpstream {

	private EchoUpstream() {
	}

	public static void main(String[] arguments) throws IOException {
		try (ServerSocket listener = LoopbackListener.bind(Integer.parseInt(arguments[0]))) {
			System.out.println("listening on " + listener.getLocalPort());
			while (true) {
				Socket socket = listener.accept();
				new Thread(() -> echo(socket), "from " + socket.getPort()).start();
			}
		}
	}

	private static void echo(Socket accepted) {
		try (Socket socket = accepted) {
			socket.setTcpNoDelay(true);
			DataInputStream input = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
			byte[] content = NumberedFrame.read(input);
			while (content != null) {
				NumberedFrame.write(socket.getOutputStream(), content);
				content = NumberedFrame.read(input);
			}
		}
		catch (IOException ex) {
			// the other side has gone
		}
	}

}
