package io.holdfast.route;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.List;

import io.holdfast.testing.Timers;
import io.holdfast.testing.NumberedFrame;
import io.holdfast.testing.Scripts;
import io.holdfast.testing.UpstreamServer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What requests and clients leave behind while the time for their replies, an hour, has
 * not passed yet. Counts the objects that can be reached.
 */
class LeftTimersTests {

	private static final int ROUNDS = 100;

	/** Timers of the gateway's own, such as of pools, come and go. */
	private static final int FEW = 20;

	@ParameterizedTest
	@EnumSource(names = "DEDICATED", mode = EnumSource.Mode.EXCLUDE)
	void requestsOneAfterAnotherLeaveNoTimers(Sharing sharing) throws Exception {
		try (UpstreamServer server = UpstreamServer.start(Scripts.echo());
				RelayRig rig = RelayRig.start(sharing, List.of(server.port()), "route.reply-timeout=1h")) {
			Socket client = rig.connect();
			long before = Timers.count();
			for (int sequence = 0; sequence < ROUNDS; sequence++) {
				RelayRig.send(client, NumberedFrame.content(1, 1, sequence, 32));
				assertThat(NumberedFrame.sequence(RelayRig.receive(client))).isEqualTo(sequence);
			}
			assertThat(Timers.count()).isLessThan(before + FEW);
		}
	}

	@ParameterizedTest
	@EnumSource
	void clientsThatHaveLeftLeaveNoTimers(Sharing sharing) throws Exception {
		try (UpstreamServer server = UpstreamServer.start(Scripts.echo());
				RelayRig rig = RelayRig.start(sharing, List.of(server.port()), "route.reply-timeout=1h",
						"links.min-idle=0")) {
			askAndLeave(rig);
			await().until(() -> rig.gateway().registry().count() == 0);
			long before = Timers.count();
			for (int client = 0; client < ROUNDS; client++) {
				askAndLeave(rig);
			}
			await().until(() -> rig.gateway().registry().count() == 0);
			await().atMost(Duration.ofSeconds(20))
				.untilAsserted(() -> assertThat(Timers.count()).isLessThan(before + FEW));
		}
	}

	private static void askAndLeave(RelayRig rig) throws IOException {
		try (Socket client = rig.connect()) {
			RelayRig.send(client, NumberedFrame.content(1, 1, 1, 32));
			assertThat(NumberedFrame.sequence(RelayRig.receive(client))).isEqualTo(1);
			client.shutdownOutput();
			assertThat(client.getInputStream().read()).isEqualTo(-1);
		}
	}

}
