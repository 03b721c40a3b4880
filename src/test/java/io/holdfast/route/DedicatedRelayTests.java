package io.holdfast.route;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

import io.holdfast.connection.CloseReason;
import io.holdfast.liveness.MovedTime;
import io.holdfast.testing.FrameClients;
import io.holdfast.testing.NumberedFrame;
import io.holdfast.testing.Scripts;
import io.holdfast.testing.UpstreamProcess;
import io.holdfast.testing.UpstreamServer;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A link for each client, as long as the client stays.
 */
class DedicatedRelayTests {

	@Test
	void linkIsOpenedForTheClientAndEndsWithIt() throws IOException {
		try (UpstreamServer server = UpstreamServer.start(Scripts.echo()); RelayRig rig = start(server)) {
			try (Socket client = rig.connect()) {
				await().until(() -> server.open() == 1);
				assertThat(client.isConnected()).isTrue();
			}
			await().until(() -> server.open() == 0);
		}
	}

	@Test
	void upstreamMaySpeakFirst() throws IOException {
		try (UpstreamServer server = UpstreamServer.start(Scripts.silent()); RelayRig rig = start(server)) {
			Socket client = rig.connect();
			await().until(() -> server.open() == 1);
			server.send(NumberedFrame.content(1, 1, 1, 32));
			assertThat(NumberedFrame.sequence(RelayRig.receive(client))).isEqualTo(1);
			rig.awaitCount(Outcome.RELAYED, 1);
			rig.awaitThatCountsAddUp();
		}
	}

	@Test
	void clientThatFinishesSendingStillGetsWhatTheServerSends() throws IOException {
		List<byte[]> requests = new CopyOnWriteArrayList<>();
		try (UpstreamServer server = UpstreamServer.start((content, peer) -> {
			requests.add(content);
			if (requests.size() == 3) {
				for (byte[] request : requests) {
					peer.reply(request);
				}
			}
		}); RelayRig rig = start(server)) {
			Socket client = rig.connect();
			RelayRig.send(client, NumberedFrame.content(0, 1, 0, 32));
			RelayRig.send(client, NumberedFrame.content(1, 1, 1, 32));
			await().until(() -> requests.size() == 2);
			RelayRig.send(client, NumberedFrame.content(2, 1, 2, 32));
			client.shutdownOutput();
			for (int sequence = 0; sequence < 3; sequence++) {
				assertThat(NumberedFrame.sequence(RelayRig.receive(client))).isEqualTo(sequence);
			}
			assertThat(client.getInputStream().read()).isEqualTo(-1);
			rig.awaitThatCountsAddUp();
		}
	}

	@Test
	void clientOfAServerThatClosesIsClosedAfterWhatWasSentToIt() throws IOException {
		try (UpstreamServer server = UpstreamServer.start(Scripts.closesAfterReply()); RelayRig rig = start(server)) {
			Socket client = rig.connect();
			RelayRig.send(client, NumberedFrame.content(1, 1, 1, 32));
			assertThat(NumberedFrame.sequence(RelayRig.receive(client))).isEqualTo(1);
			assertThat(client.getInputStream().read()).isEqualTo(-1);
			await().untilAsserted(
					() -> assertThat(rig.gateway().closeReasons()).containsExactly(CloseReason.UPSTREAM_LOST));
			rig.awaitThatCountsAddUp();
		}
	}

	@Test
	void clientIsClosedWhenThereIsNoLinkInTime() throws IOException {
		try (UpstreamServer server = UpstreamServer.start(Scripts.echo());
				RelayRig rig = start(server, "links.max=1", "links.acquire-timeout=100ms")) {
			Socket first = rig.connect();
			RelayRig.send(first, NumberedFrame.content(1, 1, 1, 32));
			assertThat(NumberedFrame.sequence(RelayRig.receive(first))).isEqualTo(1);
			Socket second = rig.connect();
			RelayRig.send(second, NumberedFrame.content(1, 1, 1, 32));
			assertThat(second.getInputStream().read()).isEqualTo(-1);
			rig.awaitCount(Outcome.NO_LINK, 1);
			rig.awaitThatCountsAddUp();
		}
	}

	@Test
	void slowClientHoldsUpItsOwnLinkAndLosesNothing() throws IOException {
		int frames = 2000;
		try (UpstreamServer server = UpstreamServer.start((content, peer) -> {
			for (int sequence = 0; sequence < frames; sequence++) {
				peer.reply(NumberedFrame.content(sequence, 1, sequence, 16 * 1024));
			}
		}); RelayRig rig = start(server)) {
			Socket client = rig.connect();
			RelayRig.send(client, NumberedFrame.content(1, 1, 1, 32));
			await().during(Duration.ofMillis(300)).until(() -> rig.gateway().closeReasons().isEmpty());
			for (int sequence = 0; sequence < frames; sequence++) {
				assertThat(NumberedFrame.sequence(RelayRig.receive(client))).isEqualTo(sequence);
			}
			rig.awaitCount(Outcome.RELAYED, frames + 1);
			rig.awaitThatCountsAddUp();
		}
	}

	@Test
	void clientsOfAKilledServerAreClosedAndServedAgainWhenTheyReconnect() throws IOException {
		try (UpstreamProcess first = UpstreamProcess.start(0);
				RelayRig rig = RelayRig.start(Sharing.DEDICATED, List.of(first.port()), "links.min-idle=0",
						"links.max=100");
				FrameClients clients = FrameClients
					.start(new FrameClients.Options(rig.port(), 20, 4, 64, true, null, true))) {
			await().until(() -> clients.replied() > 1000);
			int port = first.port();
			first.killHard();
			await().until(() -> clients.closed() >= 20);
			try (UpstreamProcess second = UpstreamProcess.start(port)) {
				assertThat(second.isAlive()).isTrue();
				long before = clients.replied();
				await().atMost(Duration.ofSeconds(20)).until(() -> clients.replied() > before + 1000);
				clients.stop(Duration.ofSeconds(10));
			}
			assertThat(clients.wrong() + clients.duplicated()).as(clients::toString).isZero();
			rig.awaitThatCountsAddUp();
		}
	}

	/**
	 * Real time passes between two frames, and no more than the reply timeout of the
	 * gateway's own time.
	 */
	@Test
	void clientThatHasFinishedSendingIsServedForAsLongAsFramesCome() throws IOException {
		try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
				RelayRig rig = RelayRig.start(MovedTime.class, Sharing.DEDICATED, List.of(server.getLocalPort()),
						"links.min-idle=0", "route.reply-timeout=200ms");
				Socket client = rig.connect();
				Socket link = server.accept()) {
			RelayRig.send(client, NumberedFrame.content(0, 1, 0, 32));
			client.shutdownOutput();
			assertThat(RelayRig.receive(link)).isNotEmpty();
			assertThat(link.getInputStream().read()).isEqualTo(-1);
			MovedTime.Time time = rig.gateway().bean(MovedTime.Time.class);
			for (int sequence = 0; sequence < 10; sequence++) {
				await().pollDelay(Duration.ofMillis(50)).until(() -> true);
				RelayRig.send(link, NumberedFrame.content(sequence, 1, sequence, 32));
				assertThat(NumberedFrame.sequence(RelayRig.receive(client))).isEqualTo(sequence);
				time.pass(Duration.ofMillis(150));
			}
			time.pass(Duration.ofMillis(50));
			assertThat(client.getInputStream().read()).isEqualTo(-1);
			await()
				.untilAsserted(() -> assertThat(rig.gateway().closeReasons()).containsExactly(CloseReason.PEER_CLOSED));
			rig.awaitCount(Outcome.RELAYED, 11);
			rig.awaitThatCountsAddUp();
		}
	}

	@Test
	void clientsThatCloseInOrderAreCountedAsClosedByThePeer() throws IOException {
		try (UpstreamServer server = UpstreamServer.start(Scripts.echo()); RelayRig rig = start(server)) {
			for (int client = 0; client < 20; client++) {
				try (Socket socket = rig.connect()) {
					RelayRig.send(socket, NumberedFrame.content(client, 1, client, 32));
					assertThat(NumberedFrame.sequence(RelayRig.receive(socket))).isEqualTo(client);
				}
			}
			await().untilAsserted(() -> assertThat(rig.gateway().closeReasons()).hasSize(20));
			assertThat(rig.gateway().closes()).containsOnly(Map.entry(CloseReason.PEER_CLOSED, 20));
			rig.awaitThatCountsAddUp();
		}
	}

	private static RelayRig start(UpstreamServer server, String... settings) {
		String[] all = Arrays.copyOf(settings, settings.length + 1);
		all[settings.length] = "links.min-idle=0";
		return RelayRig.start(Sharing.DEDICATED, List.of(server.port()), all);
	}

}
