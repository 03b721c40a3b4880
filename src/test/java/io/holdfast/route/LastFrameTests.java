package io.holdfast.route;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

import io.holdfast.testing.NumberedFrame;
import io.holdfast.testing.UpstreamServer;
import io.holdfast.transport.Transport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A server that says a last word and closes, with input unread, while its client goes on
 * to send.
 */
class LastFrameTests {

	private static final int CLIENTS = 60;

	private static final int LAST = 4711;

	/** Far more than the server reads before it closes. */
	private static final int FRAMES = 3000;

	static Stream<String> transports() {
		return Arrays.stream(Transport.values()).filter(Transport::isAvailable).map(Transport::toString);
	}

	@ParameterizedTest
	@MethodSource("transports")
	void reachesEachClientThoughTheClientSendsOn(String transport) throws IOException {
		try (UpstreamServer server = UpstreamServer.start((content, peer) -> {
			if (peer.frames() == 20) {
				peer.reply(NumberedFrame.content(LAST, 1, LAST, 64));
				peer.close();
			}
		});
				RelayRig rig = RelayRig.start(Sharing.DEDICATED, List.of(server.port()), "links.min-idle=0",
						"links.max=" + 2 * CLIENTS, "links.acquire-timeout=20s", "gateway.transport=" + transport)) {
			List<Socket> clients = new ArrayList<>();
			for (int i = 0; i < CLIENTS; i++) {
				Socket client = rig.connect();
				clients.add(client);
				Thread sender = new Thread(() -> sendOn(client), "sender " + i);
				sender.setDaemon(true);
				sender.start();
			}
			List<Long> got = clients.stream().map(LastFrameTests::readToTheEnd).toList();
			assertThat(got).as(rig::toString).hasSize(CLIENTS).containsOnly((long) LAST);
			rig.awaitThatCountsAddUp();
		}
	}

	private static void sendOn(Socket client) {
		try {
			OutputStream out = client.getOutputStream();
			for (int sequence = 0; sequence < FRAMES; sequence++) {
				NumberedFrame.write(out, NumberedFrame.content(sequence, 1, sequence, 200));
			}
		}
		catch (IOException ex) {
			// the client has read to the end and closed
		}
	}

	/**
	 * Returns the sequence of the only frame, or -1 if there is none.
	 */
	private static long readToTheEnd(Socket client) {
		try (client) {
			DataInputStream in = new DataInputStream(client.getInputStream());
			long sequence = -1;
			byte[] frame = NumberedFrame.read(in);
			while (frame != null) {
				sequence = NumberedFrame.sequence(frame);
				frame = NumberedFrame.read(in);
			}
			return sequence;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
