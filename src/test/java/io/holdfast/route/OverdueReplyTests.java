package io.holdfast.route;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.List;

import io.holdfast.liveness.MovedTime;
import io.holdfast.testing.NumberedFrame;
import io.holdfast.testing.Scripts;
import io.holdfast.testing.UpstreamServer;
import io.holdfast.upstream.Eviction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Replies that do not come in time on a shared link. Waiting lasts as long as the test
 * says.
 */
class OverdueReplyTests {

	private static void pass(RelayRig rig, Duration span) {
		rig.gateway().bean(MovedTime.Time.class).pass(span);
	}

	private static RelayRig start(Sharing sharing, UpstreamServer server, String... more) {
		String[] settings = RelayRig.answeringFailures("route.reply-timeout=100ms", "links.min-idle=0");
		String[] all = new String[settings.length + more.length];
		System.arraycopy(settings, 0, all, 0, settings.length);
		System.arraycopy(more, 0, all, settings.length, more.length);
		return RelayRig.start(MovedTime.class, sharing, List.of(server.port()), all);
	}

	@ParameterizedTest
	@ValueSource(strings = { "gateway.protocols.numbered.one-way=", "gateway.protocols.numbered.correlation.size=8" })
	void whatIsInFlightBehindOneFailsWhereOrderTellsThemApart(String protocol) throws IOException {
		try (UpstreamServer server = UpstreamServer.start(Scripts.silent());
				RelayRig rig = start(Sharing.PIPELINED, server, protocol)) {
			Socket first = rig.connect();
			RelayRig.send(first, NumberedFrame.content(1, 1, 1, 32));
			await().until(() -> server.count() == 1);
			pass(rig, Duration.ofMillis(60));
			Socket second = rig.connect();
			RelayRig.send(second, NumberedFrame.content(1, 2, 2, 32));
			await().until(() -> server.count() == 2);
			assertThat(server.accepted()).isEqualTo(1);
			server.script(Scripts.echo());
			pass(rig, Duration.ofMillis(60));
			assertThat(RelayRig.receive(first)).isEqualTo(RelayRig.FAILURE);
			// well within its own time
			assertThat(RelayRig.receive(second)).isEqualTo(RelayRig.FAILURE);
			await().until(() -> server.open() == 0);
			rig.awaitCount(Outcome.TIMED_OUT, 1);
			rig.awaitCount(Outcome.LINK_LOST, 1);
			for (Socket client : List.of(second, first)) {
				int id = (client == first) ? 1 : 2;
				RelayRig.send(client, NumberedFrame.content(1, id, 3, 32));
				assertThat(NumberedFrame.client(RelayRig.receive(client))).isEqualTo(id);
			}
			assertThat(rig.upstream().info().evicted()).containsEntry(Eviction.TIMED_OUT, 1L);
			assertThat(server.received()).hasSize(4);
			rig.awaitThatCountsAddUp();
		}
	}

	@Test
	void lateReplyOnALinkThatIsGivenUpAnswersNobody() throws IOException {
		try (UpstreamServer server = UpstreamServer.start(Scripts.silent());
				RelayRig rig = start(Sharing.PIPELINED, server, "gateway.protocols.numbered.one-way=",
						"gateway.protocols.plain.extends=length32", "gateway.protocols.plain.one-way=",
						"gateway.upstreams.servers.protocol=plain")) {
			for (int round = 0; round < 20; round++) {
				long before = server.count();
				Socket client = rig.connect();
				RelayRig.send(client, NumberedFrame.content(1, 1, round, 32));
				await().until(() -> server.count() == before + 1);
				pass(rig, Duration.ofMillis(100));
				server.send(NumberedFrame.content(1, 1, round, 32));
				byte[] answer = RelayRig.receive(client);
				// either is right, but not both
				RelayRig.send(client, NumberedFrame.content(1, 1, 1000 + round, 32));
				await().until(() -> server.count() == before + 2);
				server.send(NumberedFrame.content(1, 1, 1000 + round, 32));
				assertThat(NumberedFrame.sequence(RelayRig.receive(client))).as("after %d bytes", answer.length)
					.isEqualTo(1000 + round);
			}
			rig.awaitThatCountsAddUp();
		}
	}

	@Test
	void othersOnTheLinkGoOnWhereNumbersTellThemApart() throws IOException {
		try (UpstreamServer server = UpstreamServer.start(Scripts.silent());
				RelayRig rig = start(Sharing.CORRELATED, server)) {
			Socket first = rig.connect();
			RelayRig.send(first, NumberedFrame.content(1, 1, 1, 32));
			await().until(() -> server.count() == 1);
			pass(rig, Duration.ofMillis(60));
			Socket second = rig.connect();
			RelayRig.send(second, NumberedFrame.content(1, 2, 2, 32));
			await().until(() -> server.count() == 2);
			server.send(server.received().get(1));
			assertThat(NumberedFrame.client(RelayRig.receive(second))).isEqualTo(2);
			pass(rig, Duration.ofMillis(60));
			assertThat(RelayRig.receive(first)).isEqualTo(RelayRig.FAILURE);
			server.script(Scripts.echo());
			RelayRig.send(second, NumberedFrame.content(1, 2, 3, 32));
			assertThat(NumberedFrame.sequence(RelayRig.receive(second))).isEqualTo(3);
			assertThat(server.accepted()).isEqualTo(1);
			rig.awaitCount(Outcome.TIMED_OUT, 1);
			rig.awaitThatCountsAddUp();
		}
	}

}
