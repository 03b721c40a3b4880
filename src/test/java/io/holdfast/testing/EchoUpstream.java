package io.holdfast.testing;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/**
 * The main class of an {@link UpstreamProcess}: echoes {@code length32} frames, with a
 * thread per connection. Takes the port and the address to listen on as its arguments and
 * prints the port. Ends with its standard input, so that it does not outlive the tests.
 */
final class EchoUpstream {

	private EchoUpstream() {
	}

	public static void main(String[] arguments) throws IOException {
		new Thread(EchoUpstream::endWithInput, "input").start();
		try (ServerSocket listener = ListeningSocket.bind(InetAddress.getByName(arguments[1]),
				Integer.parseInt(arguments[0]))) {
			System.out.println("listening on " + listener.getLocalPort());
			while (true) {
				Socket socket = listener.accept();
				new Thread(() -> echo(socket), "from " + socket.getPort()).start();
			}
		}
	}

	private static void endWithInput() {
		try {
			System.in.transferTo(OutputStream.nullOutputStream());
		}
		catch (IOException ex) {
			// ended as well
		}
		Runtime.getRuntime().halt(0);
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
