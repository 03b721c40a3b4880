package io.holdfast.actuate;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What clients say that speak in lines.
 */
final class Lines {

	/** Stands for the end of the stream. */
	static final String END = "<end>";

	private Lines() {
	}

	static void send(Socket client, String line) throws IOException {
		client.getOutputStream().write((line + "\n").getBytes(StandardCharsets.US_ASCII));
	}

	/** The next line, or the end, after what is left of a line. */
	static String receive(Socket client) throws IOException {
		StringBuilder line = new StringBuilder();
		int next;
		while ((next = client.getInputStream().read()) != '\n') {
			if (next < 0) {
				return line + END;
			}
			line.append((char) next);
		}
		return line.toString();
	}

	/** Sends a line and has it back, so that the connection works. */
	static void exchange(Socket client, String line) throws IOException {
		send(client, line);
		assertThat(receive(client)).isEqualTo(line);
	}

}
