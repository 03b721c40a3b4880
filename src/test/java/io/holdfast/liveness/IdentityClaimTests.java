package io.holdfast.liveness;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;

import io.holdfast.testing.TestGateway;
import io.holdfast.testing.UpstreamServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Identities that are claimed in frames which wait while their connection ends.
 */
class IdentityClaimTests {

	private static TestGateway gateway(UpstreamServer server, String takeover) {
		return TestGateway.start("gateway.protocols.login.extends=length32",
				"gateway.protocols.login.identity.pattern=^LOGIN (\\w+)", "gateway.listeners.a.port=0",
				"gateway.listeners.a.protocol=login", "gateway.listeners.a.takeover=" + takeover,
				"gateway.listeners.a.route.mode=relay", "gateway.listeners.a.route.upstream=servers",
				"gateway.listeners.a.route.sharing=exclusive",
				"gateway.upstreams.servers.endpoints=127.0.0.1:" + server.port(),
				"gateway.upstreams.servers.protocol=login");
	}

	private static void send(Socket client, String... contents) throws IOException {
		DataOutputStream out = new DataOutputStream(client.getOutputStream());
		for (String content : contents) {
			out.writeInt(content.length());
			out.write(content.getBytes(StandardCharsets.US_ASCII));
		}
	}

	private static String receive(Socket client) throws IOException {
		DataInputStream in = new DataInputStream(client.getInputStream());
		return new String(in.readNBytes(in.readInt()), StandardCharsets.US_ASCII);
	}

	private static boolean isFirst(byte[] content) {
		return new String(content, StandardCharsets.US_ASCII).equals("HELLO");
	}

	private static void awaitThat(CountDownLatch latch) throws IOException {
		try {
			latch.await();
		}
		catch (InterruptedException ex) {
			throw new IOException(ex);
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void deviceMayComeBackThatLeftBeforeItsLoginWasTaken(boolean reset) throws IOException {
		CountDownLatch left = new CountDownLatch(1);
		try (UpstreamServer server = UpstreamServer.start((content, peer) -> {
			if (isFirst(content)) {
				awaitThat(left);
			}
			peer.reply(content);
		}); TestGateway gateway = gateway(server, "refuse-new")) {
			Socket device = gateway.connect("a");
			send(device, "HELLO", "A", "B", "LOGIN dev9");
			await().until(() -> server.count() == 1);
			if (reset) {
				device.setSoLinger(true, 0);
			}
			device.close();
			left.countDown();
			await().until(() -> gateway.registry().count() == 0);
			Socket again = gateway.connect("a");
			send(again, "LOGIN dev9");
			assertThat(receive(again)).isEqualTo("LOGIN dev9");
		}
	}

	@Test
	void olderConnectionStaysWhenTheNewerHadGoneBeforeItsLoginWasTaken() throws IOException {
		CountDownLatch left = new CountDownLatch(1);
		try (UpstreamServer server = UpstreamServer.start((content, peer) -> {
			if (isFirst(content)) {
				awaitThat(left);
			}
			peer.reply(content);
		}); TestGateway gateway = gateway(server, "refuse-new")) {
			Socket older = gateway.connect("a");
			send(older, "LOGIN dev9");
			assertThat(receive(older)).isEqualTo("LOGIN dev9");
			Socket newer = gateway.connect("a");
			send(newer, "HELLO", "A", "B", "LOGIN dev9");
			await().until(() -> server.count() == 2);
			newer.close();
			left.countDown();
			await().until(() -> gateway.registry().count() == 1);
			send(older, "DATA");
			assertThat(receive(older)).isEqualTo("DATA");
			Socket another = gateway.connect("a");
			send(another, "LOGIN dev9");
			assertThat(another.getInputStream().read()).isEqualTo(-1);
		}
	}

}
