package io.holdfast.route;

import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;

import io.holdfast.testing.Scripts;
import io.holdfast.testing.UpstreamServer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Clients in {@code length32}, servers in another framing, and a client whose frames are
 * made to be taken for two, or for none, by a server: nobody else gets a wrong reply.
 */
class DifferentFramingsTests {

	private static final int ROUNDS = 24;

	private static final int HONEST = 4;

	@ParameterizedTest
	@MethodSource
	void contentThatIsNotOneFrameToTheServerIsRefused(Sharing sharing, Case attack) throws IOException {
		try (EchoingPeer server = new EchoingPeer(attack.server());
				RelayRig rig = RelayRig.start(sharing, List.of(server.port()),
						RelayRig.answeringFailures(attack.settings("gateway.listeners.relay.protocol=length32",
								"gateway.upstreams.servers.protocol=servers", "gateway.protocols.servers.one-way=",
								"links.max=1", "links.min-idle=1")))) {
			List<Socket> honest = List.of(rig.connect(), rig.connect(), rig.connect(), rig.connect());
			Socket attacker = rig.connect();
			for (int round = 0; round < ROUNDS; round++) {
				RelayRig.send(attacker, bytes(attack.contents().get(round % attack.contents().size())));
				for (int i = 0; i < HONEST; i++) {
					RelayRig.send(honest.get(i), attack.honest("client " + i + " round " + round));
				}
				for (int i = 0; i < HONEST; i++) {
					assertThat(RelayRig.receive(honest.get(i)))
						.isEqualTo(attack.honest("client " + i + " round " + round));
				}
				assertThat(RelayRig.receive(attacker)).isEqualTo(RelayRig.FAILURE);
			}
			rig.awaitCount(Outcome.REFUSED, ROUNDS);
			rig.awaitCount(Outcome.REPLIED, ROUNDS * HONEST);
			rig.awaitThatCountsAddUp();
			RelayRig.send(attacker, attack.honest("again"));
			assertThat(RelayRig.receive(attacker)).isEqualTo(attack.honest("again"));
		}
	}

	static Stream<Arguments> contentThatIsNotOneFrameToTheServerIsRefused() {
		List<Case> cases = List.of(line("any", "x\ny", "x\ry", "x\r"), line("crlf", "x\ny", "x\r\ny", "x\ry"),
				line("lf", "x\ny", "\n"), delimited("02", "x\u0003\u0002y", "\u0003"),
				delimited("03", "", "x\u0003\u0003y"), length("", "\0", "\0\u0003xy", "\0\4x"));
		return Stream.of(Sharing.EXCLUSIVE, Sharing.PIPELINED)
			.flatMap((sharing) -> cases.stream().map((one) -> Arguments.of(sharing, one)));
	}

	@ParameterizedTest
	@CsvSource({ "EXCLUSIVE", "PIPELINED" })
	void replyThatTheClientWouldNotTakeForOneFrameIsRefused(Sharing sharing) throws IOException {
		try (UpstreamServer server = UpstreamServer.start(Scripts.echo());
				RelayRig rig = RelayRig.start(sharing, List.of(server.port()),
						RelayRig.answeringFailures("gateway.listeners.relay.protocol=stx-etx",
								"gateway.protocols.servers.extends=length32", "gateway.protocols.servers.one-way=",
								"gateway.upstreams.servers.protocol=servers"))) {
			server.script((content, peer) -> peer.reply((content[0] == 'x') ? new byte[] { 'a', 3, 2, 'b' } : content));
			Socket client = rig.connect();
			client.getOutputStream().write(bytes("\u0002x\u0003\u0002hello\u0003"));
			assertThat(client.getInputStream().readNBytes(17))
				.isEqualTo(bytes("\u0002no reply\u0003\u0002hello\u0003"));
			rig.awaitCount(Outcome.REFUSED, 1);
			rig.awaitThatCountsAddUp();
		}
	}

	private static Case line(String ending, String... contents) {
		// as lenient as many servers in Java are: CR, LF and both end a line
		return new Case("type=line, ending=" + ending, List.of(contents), 0, (socket) -> {
			var lines = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
			for (String line = lines.readLine(); line != null; line = lines.readLine()) {
				socket.getOutputStream().write(bytes(line + "\r\n".substring(ending.equals("lf") ? 1 : 0)));
			}
		});
	}

	private static Case delimited(String start, String... contents) {
		return new Case("type=delimiter, start=" + start + ", end=03", List.of(contents), 0, (socket) -> {
			InputStream in = new BufferedInputStream(socket.getInputStream());
			var frame = new ByteArrayOutputStream();
			for (int next = in.read(); next >= 0; next = in.read()) {
				frame.write(next);
				if (next == 3 && (frame.size() > 1 || start.equals("02"))) {
					socket.getOutputStream().write(frame.toByteArray());
					frame.reset();
				}
			}
		});
	}

	private static Case length(String... contents) {
		return new Case("type=length-field, length-size=2, length-adjustment=-2", List.of(contents), 2, (socket) -> {
			var in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
			while (true) {
				int length = in.readUnsignedShort();
				byte[] rest = in.readNBytes(Math.max(0, length - 2));
				OutputStream out = socket.getOutputStream();
				out.write(withLength(rest));
			}
		});
	}

	private static byte[] withLength(byte[] rest) {
		var frame = new byte[2 + rest.length];
		frame[0] = (byte) (frame.length >> 8);
		frame[1] = (byte) frame.length;
		System.arraycopy(rest, 0, frame, 2, rest.length);
		return frame;
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.ISO_8859_1);
	}

	/**
	 * A framing of the servers, and contents that are no single frame in it.
	 */
	record Case(String framing, List<String> contents, int header, Conversation server) {

		String[] settings(String... more) {
			Stream<String> framingKeys = Stream.of(this.framing.split(", "))
				.map((each) -> "gateway.protocols.servers.framing." + each);
			return Stream.concat(framingKeys, Stream.of(more)).toArray(String[]::new);
		}

		byte[] honest(String text) {
			return (this.header > 0) ? withLength(bytes(text)) : bytes(text);
		}

		@Override
		public String toString() {
			return this.framing;
		}

	}

	/**
	 * What a server does with one connection, until its end.
	 */
	@FunctionalInterface
	interface Conversation {

		void with(Socket socket) throws IOException;

	}

	/**
	 * A server with a thread for each connection.
	 */
	private static final class EchoingPeer implements AutoCloseable {

		private final ServerSocket listener = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());

		private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();

		private final Conversation conversation;

		EchoingPeer(Conversation conversation) throws IOException {
			this.conversation = conversation;
			start(this::accept);
		}

		private static void start(Runnable work) {
			Thread thread = new Thread(work, "echoing peer");
			thread.setDaemon(true);
			thread.start();
		}

		int port() {
			return this.listener.getLocalPort();
		}

		private void accept() {
			try {
				while (true) {
					Socket socket = this.listener.accept();
					this.sockets.add(socket);
					start(() -> serve(socket));
				}
			}
			catch (IOException ex) {
				// closed
			}
		}

		private void serve(Socket accepted) {
			try (Socket socket = accepted) {
				this.conversation.with(socket);
			}
			catch (IOException ex) {
				// the gateway has closed
			}
		}

		@Override
		public void close() throws IOException {
			this.listener.close();
			for (Socket socket : this.sockets) {
				socket.close();
			}
		}

	}

}
