package io.holdfast.route;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.List;

import io.holdfast.connection.CloseReason;
import io.holdfast.testing.FrameClients;
import io.holdfast.testing.NumberedFrame;
import io.holdfast.testing.UpstreamServer;
import io.holdfast.testing.UpstreamServer.Script;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Frames of which the upstream's protocol says that they have no reply. The server sends
 * none, and waits for replies are longer than the tests.
 */
class OneWayFramesTests {

	private static final int ONE_WAY = 0x7fff0000;

	private static final Script REPLYING = (content, peer) -> {
		if (NumberedFrame.number(content) != ONE_WAY) {
			peer.reply(content);
		}
	};

	private static RelayRig start(Sharing sharing, UpstreamServer server, String... settings) {
		String[] all = List
			.of("gateway.protocols.numbered.one-way[0].hex=7fff0000", "route.reply-timeout=1h", "links.min-idle=0",
					"links.max=1", "links.acquire-timeout=1h")
			.toArray(new String[5 + settings.length]);
		System.arraycopy(settings, 0, all, 5, settings.length);
		return RelayRig.start(sharing, List.of(server.port()), all);
	}

	/** Its protocol has no number, so that only the list tells. */
	private static RelayRig startWithoutNumbers(UpstreamServer server) {
		return start(Sharing.PIPELINED, server, "gateway.protocols.plain.extends=length32",
				"gateway.protocols.plain.one-way[0].hex=7fff0000", "gateway.upstreams.servers.protocol=plain");
	}

	private static byte[] oneWay(int client, int sequence) {
		return NumberedFrame.content(ONE_WAY, client, sequence, 32);
	}

	@ParameterizedTest
	@EnumSource
	void requestAfterThemGetsItsOwnReply(Sharing sharing) throws IOException {
		try (UpstreamServer server = UpstreamServer.start(REPLYING); RelayRig rig = start(sharing, server)) {
			Socket client = rig.connect();
			for (int sequence = 0; sequence < 3; sequence++) {
				RelayRig.send(client, oneWay(1, sequence));
			}
			RelayRig.send(client, NumberedFrame.content(1, 1, 3, 32));
			assertThat(NumberedFrame.sequence(RelayRig.receive(client))).isEqualTo(3);
			boolean counted = sharing == Sharing.DEDICATED;
			rig.awaitCount(Outcome.RELAYED, counted ? 5 : 3);
			rig.awaitCount(Outcome.REPLIED, counted ? 0 : 1);
			assertThat(server.received()).extracting(NumberedFrame::sequence).containsExactly(0L, 1L, 2L, 3L);
			rig.awaitThatCountsAddUp();
		}
	}

	@ParameterizedTest
	@EnumSource(names = "DEDICATED", mode = EnumSource.Mode.EXCLUDE)
	void clientThatEndsAfterOneIsOwedNothing(Sharing sharing) throws IOException {
		try (UpstreamServer server = UpstreamServer.start(REPLYING); RelayRig rig = start(sharing, server)) {
			Socket client = rig.connect();
			RelayRig.send(client, oneWay(1, 1));
			client.shutdownOutput();
			assertThat(client.getInputStream().read()).isEqualTo(-1);
			await()
				.untilAsserted(() -> assertThat(rig.gateway().closeReasons()).containsExactly(CloseReason.PEER_CLOSED));
			await().until(() -> server.count() == 1);
			rig.awaitCount(Outcome.RELAYED, 1);
			rig.awaitThatCountsAddUp();
		}
	}

	@ParameterizedTest
	@EnumSource(names = "DEDICATED", mode = EnumSource.Mode.EXCLUDE)
	void linkIsFreeForTheNextClient(Sharing sharing) throws IOException {
		try (UpstreamServer server = UpstreamServer.start(REPLYING);
				RelayRig rig = start(sharing, server, "links.max-pending=1")) {
			for (int client = 0; client < 10; client++) {
				Socket teller = rig.connect();
				RelayRig.send(teller, oneWay(client, 1));
				Socket asker = rig.connect();
				RelayRig.send(asker, NumberedFrame.content(1, 100 + client, 1, 32));
				assertThat(NumberedFrame.client(RelayRig.receive(asker))).isEqualTo(100 + client);
			}
			assertThat(server.accepted()).isEqualTo(1);
			rig.awaitCount(Outcome.RELAYED, 10);
			rig.awaitCount(Outcome.REPLIED, 10);
			rig.awaitThatCountsAddUp();
		}
	}

	@Test
	void repliesGoToTheRightClientsThoughFramesCarryNoNumber() throws IOException {
		try (UpstreamServer server = UpstreamServer.start(REPLYING);
				RelayRig rig = startWithoutNumbers(server);
				FrameClients clients = FrameClients
					.start(new FrameClients.Options(rig.port(), 10, 4, 64, true, null, false))) {
			Socket teller = rig.connect();
			for (int sequence = 0; sequence < 1000; sequence++) {
				RelayRig.send(teller, oneWay(Integer.MAX_VALUE, sequence));
			}
			rig.awaitCount(Outcome.RELAYED, 1000);
			await().until(() -> clients.replied() > 1000);
			clients.stop(Duration.ofSeconds(10));
			assertThat(clients.wrong() + clients.failed() + clients.duplicated()).as(clients::toString).isZero();
			assertThat(clients.replied()).isEqualTo(clients.sent());
			rig.awaitThatCountsAddUp();
		}
	}

	@ParameterizedTest
	@EnumSource
	void thoseOnALostLinkHaveTheirOutcomesToo(Sharing sharing) throws IOException {
		try (UpstreamServer server = UpstreamServer.start((content, peer) -> {
			if (peer.frames() == 3) {
				peer.reset();
			}
		}); RelayRig rig = start(sharing, server, "route.on-failure=drop")) {
			Socket client = rig.connect();
			for (int sequence = 0; sequence < 100; sequence++) {
				RelayRig.send(client, oneWay(1, sequence));
			}
			rig.awaitThatCountsAddUp();
			assertThat(rig.count(Outcome.RELAYED)).as(rig::toString).isGreaterThanOrEqualTo(3);
			assertThat(rig.count(Outcome.RELAYED) + rig.count(Outcome.LINK_LOST)).as(rig::toString).isEqualTo(100);
		}
	}

	@ParameterizedTest
	@EnumSource
	void oneThatDoesNotFitTheUpstreamsFramingIsRefused(Sharing sharing) throws IOException {
		try (UpstreamServer server = UpstreamServer.start(REPLYING);
				RelayRig rig = start(sharing, server, "gateway.protocols.short.extends=numbered",
						"gateway.protocols.short.framing.max-frame=100B", "gateway.upstreams.servers.protocol=short",
						"route.on-failure.reply.text=no reply")) {
			Socket client = rig.connect();
			RelayRig.send(client, NumberedFrame.content(ONE_WAY, 1, 1, 101));
			assertThat(RelayRig.receive(client)).isEqualTo(RelayRig.FAILURE);
			RelayRig.send(client, NumberedFrame.content(1, 1, 2, 32));
			assertThat(NumberedFrame.sequence(RelayRig.receive(client))).isEqualTo(2);
			rig.awaitCount(Outcome.REFUSED, 1);
			rig.awaitThatCountsAddUp();
		}
	}

}
