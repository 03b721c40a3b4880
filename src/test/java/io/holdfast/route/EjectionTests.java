package io.holdfast.route;

import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.holdfast.testing.FrameClients;
import io.holdfast.testing.UpstreamServer;
import io.holdfast.testing.UpstreamServer.Script;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Clients whose requests no server answers, beside others.
 */
class EjectionTests {

	private static final int UNANSWERABLE = 5;

	private static final Script ANSWERING_WHAT_IT_CAN = (content, peer) -> {
		if (content.length > UNANSWERABLE) {
			peer.reply(content);
		}
	};

	@ParameterizedTest
	@EnumSource(names = { "EXCLUSIVE", "CORRELATED" })
	void requestsThatNobodyCanAnswerEjectNoServerThatAnswersOthers(Sharing sharing) throws Exception {
		List<Socket> hostile = new ArrayList<>();
		try (UpstreamServer one = UpstreamServer.start(ANSWERING_WHAT_IT_CAN);
				UpstreamServer other = UpstreamServer.start(ANSWERING_WHAT_IT_CAN);
				RelayRig rig = RelayRig.start(sharing, List.of(one.port(), other.port()),
						RelayRig.answeringFailures("route.reply-timeout=500ms", "links.max=32", "ejection.for=1h"));
				FrameClients honest = rig.clients(10, 1, sharing)) {
			await().until(() -> honest.replied() > 500);
			for (int i = 0; i < 8; i++) {
				Socket client = rig.connect();
				hostile.add(client);
			}
			for (int round = 1; round <= 4; round++) {
				for (Socket client : hostile) {
					RelayRig.send(client, new byte[UNANSWERABLE]);
				}
				int timedOut = 8 * round;
				await().until(() -> rig.count(Outcome.TIMED_OUT) >= timedOut);
				assertThat(rig.upstream().endpointCount()).as(rig::toString).isEqualTo(2);
			}
			honest.stop(Duration.ofSeconds(10));
			assertThat(honest.failed()).as(honest::toString).isZero();
		}
		finally {
			for (Socket client : hostile) {
				client.close();
			}
		}
	}

}
