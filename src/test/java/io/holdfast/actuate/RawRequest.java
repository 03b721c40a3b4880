package io.holdfast.actuate;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A request with exactly the headers that a test wants, which clients do not allow.
 */
final class RawRequest {

	private static final Pattern LENGTH = Pattern.compile("content-length: (\\d+)");

	private static final int READ_TIMEOUT_MILLIS = 10_000;

	private final String line;

	private final List<String> headers = new ArrayList<>();

	private String body = "";

	RawRequest(String method, String path) {
		this.line = method + " " + path + " HTTP/1.1";
	}

	RawRequest header(String name, String value) {
		this.headers.add(name + ": " + value);
		return this;
	}

	RawRequest json(String json) {
		return body("application/json", json);
	}

	RawRequest body(String type, String text) {
		this.body = text;
		return header("Content-Type", type).header("Content-Length", String.valueOf(text.length()));
	}

	Answer to(int port) throws IOException {
		try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
			socket.setSoTimeout(READ_TIMEOUT_MILLIS);
			if (this.headers.stream().noneMatch((header) -> header.startsWith("Host:"))) {
				header("Host", "localhost:" + port);
			}
			String request = this.line + "\r\n" + String.join("\r\n", this.headers) + "\r\n\r\n" + this.body;
			socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
			return Answer.read(socket.getInputStream());
		}
	}

	/**
	 * What came back.
	 *
	 * @param status the status
	 * @param head the headers, in lower case
	 * @param body what follows them
	 */
	record Answer(int status, String head, String body) {

		private static Answer read(InputStream input) throws IOException {
			StringBuilder head = new StringBuilder();
			while (head.indexOf("\r\n\r\n") < 0) {
				int next = input.read();
				if (next < 0) {
					throw new EOFException("ended after '" + head + "'");
				}
				head.append((char) next);
			}
			String lower = head.toString().toLowerCase(Locale.ROOT);
			Matcher length = LENGTH.matcher(lower);
			byte[] body = input.readNBytes(length.find() ? Integer.parseInt(length.group(1)) : 0);
			return new Answer(Integer.parseInt(lower.split(" ", 3)[1]), lower,
					new String(body, StandardCharsets.UTF_8));
		}

	}

}
