package io.holdfast.route;

import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

import io.holdfast.connection.CloseReason;
import io.holdfast.testing.NumberedFrame;
import io.holdfast.testing.Scripts;
import io.holdfast.testing.UpstreamServer;
import io.holdfast.upstream.UpstreamObserver;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Code around a relay that fails where it should not, and loops that end. Every frame has
 * its outcome, and its client is owed no more.
 */
class RelayFaultTests {

	@ParameterizedTest
	@EnumSource(names = "DEDICATED", mode = EnumSource.Mode.EXCLUDE)
	void observerOfRepliesThatFailsHurtsNobody(Sharing sharing) throws IOException {
		try (UpstreamServer server = UpstreamServer.start(Scripts.echo());
				RelayRig rig = RelayRig.start(sharing, List.of(server.port()))) {
			rig.relay().observe((nanos) -> {
				throw new IllegalStateException("not today");
			});
			askAndLeave(rig, 3);
			rig.awaitCount(Outcome.REPLIED, 3);
			rig.awaitThatCountsAddUp();
		}
	}

	@ParameterizedTest
	@EnumSource
	void observerOfLinksThatFailsHurtsNobody(Sharing sharing) throws IOException {
		try (UpstreamServer server = UpstreamServer.start(Scripts.echo());
				RelayRig rig = RelayRig.start(sharing, List.of(server.port()))) {
			rig.upstream().observe(new UpstreamObserver() {

				@Override
				public void acquired(long nanos) {
					throw new IllegalStateException("not today");
				}

				@Override
				public void used(long nanos) {
					throw new IllegalStateException("not today");
				}

				@Override
				public void created(long nanos) {
					throw new IllegalStateException("not today");
				}

			});
			for (int client = 0; client < 3; client++) {
				askAndLeave(rig, 3);
			}
			await().until(() -> rig.upstream().info().links().lent() == 0);
			rig.awaitThatCountsAddUp();
		}
	}

	/** So many clients that there are some on each loop. */
	@ParameterizedTest
	@EnumSource(names = "DEDICATED", mode = EnumSource.Mode.EXCLUDE)
	void framesUnderWayHaveTheirOutcomesWhenTheGatewayHasStopped(Sharing sharing) throws IOException {
		int clients = 150;
		try (UpstreamServer server = UpstreamServer.start(Scripts.silent());
				RelayRig rig = RelayRig.start(sharing, List.of(server.port()), "links.max=3", "links.max-pending=20",
						"links.acquire-timeout=1h", "route.reply-timeout=1h", "gateway.event-loops=3")) {
			List<Socket> sockets = new ArrayList<>();
			for (int client = 0; client < clients; client++) {
				sockets.add(rig.connect());
			}
			for (int client = 0; client < clients; client++) {
				RelayRig.send(sockets.get(client), NumberedFrame.content(1, client, 1, 32));
			}
			await().until(() -> rig.gateway().listener("relay").traffic().framesIn() == clients);
			rig.gateway().stop();
			rig.awaitThatCountsAddUp();
		}
	}

	private static void askAndLeave(RelayRig rig, int requests) throws IOException {
		int before = rig.gateway().closeReasons().size();
		Socket client = rig.connect();
		for (int sequence = 0; sequence < requests; sequence++) {
			RelayRig.send(client, NumberedFrame.content(1, 1, sequence, 32));
			assertThat(NumberedFrame.sequence(RelayRig.receive(client))).isEqualTo(sequence);
		}
		client.shutdownOutput();
		assertThat(client.getInputStream().read()).isEqualTo(-1);
		await().untilAsserted(() -> assertThat(rig.gateway().closeReasons()).hasSize(before + 1)
			.containsOnly(CloseReason.PEER_CLOSED));
	}

}
