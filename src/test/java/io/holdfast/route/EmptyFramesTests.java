package io.holdfast.route;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;

import io.holdfast.liveness.HeartbeatResult;
import io.holdfast.liveness.Liveness;
import io.holdfast.testing.Scripts;
import io.holdfast.testing.UpstreamServer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Empty frames of card terminals and hosts, which keep a connection and are no requests.
 */
class EmptyFramesTests {

	private static final String[] ISO8583 = { "gateway.protocols.host.extends=iso8583",
			"gateway.protocols.host.framing.length-size=4", "gateway.protocols.host.framing.strip=4",
			"gateway.protocols.host.one-way=", "gateway.listeners.relay.protocol=host",
			"gateway.upstreams.servers.protocol=host", "links.max=1", "links.min-idle=1", "route.reply-timeout=1s" };

	private static final byte[] EMPTY = {};

	@ParameterizedTest
	@EnumSource(names = { "EXCLUSIVE", "PIPELINED" })
	void emptyFrameOfOneClientTakesNoReplyFromAnother(Sharing sharing) throws IOException {
		try (UpstreamServer server = UpstreamServer.start(repliesUnlessEmpty());
				RelayRig rig = RelayRig.start(sharing, List.of(server.port()), ISO8583)) {
			Socket quiet = rig.connect();
			Socket busy = rig.connect();
			RelayRig.send(quiet, EMPTY);
			await().until(() -> ignored(rig, "relay.liveness") == 1);
			for (int i = 0; i < 3; i++) {
				RelayRig.send(busy, text("busy " + i));
				assertThat(RelayRig.receive(busy)).isEqualTo(text("busy " + i));
			}
			RelayRig.send(quiet, text("quiet"));
			assertThat(RelayRig.receive(quiet)).isEqualTo(text("quiet"));
			assertThat(server.received()).containsExactly(text("busy 0"), text("busy 1"), text("busy 2"),
					text("quiet"));
			assertThat(rig.gateway().closeReasons()).isEmpty();
			rig.awaitCount(Outcome.REPLIED, 4);
			rig.awaitThatCountsAddUp();
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "EXCLUSIVE", "PIPELINED" })
	void emptyFrameOfAServerAnswersNobody(Sharing sharing) throws IOException {
		try (UpstreamServer server = UpstreamServer.start((content, peer) -> {
			peer.reply(EMPTY);
			peer.reply(content);
		}); RelayRig rig = RelayRig.start(sharing, List.of(server.port()), ISO8583)) {
			Socket client = rig.connect();
			for (int i = 0; i < 3; i++) {
				RelayRig.send(client, text("request " + i));
				assertThat(RelayRig.receive(client)).isEqualTo(text("request " + i));
			}
			server.send(EMPTY);
			await().until(() -> ignored(rig, "servers.link-liveness") == 4);
			assertThat(rig.count(Outcome.UNMATCHED_REPLY)).isZero();
			rig.awaitThatCountsAddUp();
		}
	}

	private static UpstreamServer.Script repliesUnlessEmpty() {
		return (content, peer) -> {
			if (content.length > 0) {
				Scripts.echo().on(content, peer);
			}
		};
	}

	private static long ignored(RelayRig rig, String liveness) {
		return rig.gateway().bean(liveness, Liveness.class).count(HeartbeatResult.IGNORED);
	}

	private static byte[] text(String characters) {
		return characters.getBytes(StandardCharsets.US_ASCII);
	}

}
