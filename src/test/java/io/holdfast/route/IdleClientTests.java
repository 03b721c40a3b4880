package io.holdfast.route;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.List;

import io.holdfast.connection.CloseReason;
import io.holdfast.liveness.MovedTime;
import io.holdfast.testing.NumberedFrame;
import io.holdfast.testing.Scripts;
import io.holdfast.testing.UpstreamServer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Clients that say nothing because they wait. Silence lasts as long as the test says; a
 * client that waits for nothing shows that the timers have looked.
 */
class IdleClientTests {

	private static final String[] SETTINGS = { "liveness.idle-timeout=5s", "liveness.handshake-timeout=1h",
			"route.reply-timeout=1h", "links.min-idle=0" };

	@ParameterizedTest
	@EnumSource
	void clientThatWaitsForItsReplyIsNotIdleUntilItHasHadIt(Sharing sharing) throws IOException {
		try (UpstreamServer server = UpstreamServer.start(Scripts.silent());
				RelayRig rig = RelayRig.start(MovedTime.class, sharing, List.of(server.port()), SETTINGS)) {
			Socket waiting = rig.connect();
			RelayRig.send(waiting, NumberedFrame.content(1, 1, 1, 32));
			await().until(() -> server.count() == 1);
			rig.connect();
			await().until(() -> rig.gateway().registry().count() == 2);
			pass(rig, Duration.ofSeconds(10));
			await().until(() -> rig.gateway().registry().count() == 1);
			rig.connect();
			await().until(() -> rig.gateway().registry().count() == 2);
			pass(rig, Duration.ofSeconds(1));
			server.send(server.received().get(0));
			assertThat(NumberedFrame.sequence(RelayRig.receive(waiting))).isEqualTo(1);
			pass(rig, Duration.ofSeconds(4));
			await().until(() -> rig.gateway().registry().count() == 1);
			RelayRig.send(waiting, NumberedFrame.content(2, 1, 2, 32));
			await().until(() -> server.count() == 2);
			server.send(server.received().get(1));
			assertThat(NumberedFrame.sequence(RelayRig.receive(waiting))).isEqualTo(2);
			pass(rig, Duration.ofSeconds(5));
			assertThat(waiting.getInputStream().read()).isEqualTo(-1);
			await().untilAsserted(() -> assertThat(rig.gateway().closeReasons())
				.containsExactly(CloseReason.IDLE_TIMEOUT, CloseReason.IDLE_TIMEOUT, CloseReason.IDLE_TIMEOUT));
		}
	}

	private static void pass(RelayRig rig, Duration span) {
		rig.gateway().bean(MovedTime.Time.class).pass(span);
	}

}
