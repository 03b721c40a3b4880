package io.holdfast.route;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.time.Duration;
import java.util.List;

import io.holdfast.liveness.MovedTime;
import io.holdfast.testing.NumberedFrame;
import io.holdfast.testing.Scripts;
import io.holdfast.testing.UpstreamServer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * How long frames wait that come back from a lost link. Time passes as the test says.
 */
class WaitedFramesTests {

	@ParameterizedTest
	@EnumSource(names = { "PIPELINED", "CORRELATED" })
	@SuppressWarnings("try") // the server ends in mid-test
	void frameWaitsForLinksForTheAcquireTimeoutInAll(Sharing sharing) throws IOException {
		try (UpstreamServer server = UpstreamServer.start(Scripts.notReading());
				RelayRig rig = RelayRig.start(MovedTime.class, sharing, List.of(server.port()), "links.min-idle=0",
						"links.max=1", "links.max-pending=10000", "links.acquire-timeout=2s", "links.send-timeout=1h",
						"route.reply-timeout=1h", "route.on-failure=drop")) {
			Socket client = rig.connect();
			Thread pump = new Thread(() -> pump(client), "pump");
			pump.setDaemon(true);
			pump.start();
			// nothing is taken any more, and some frames have not left
			await().until(() -> server.accepted() == 1);
			await().during(Duration.ofMillis(300)).until(() -> {
				long before = rig.gateway().listener("relay").traffic().framesIn();
				return before > 0 && before == rig.gateway().listener("relay").traffic().framesIn();
			});
			rig.gateway().bean(MovedTime.Time.class).pass(Duration.ofMillis(1900));
			server.close();
			await().until(() -> rig.upstream().info().waiting() == 1);
			assertThat(rig.count(Outcome.NO_LINK)).isZero();
			rig.gateway().bean(MovedTime.Time.class).pass(Duration.ofMillis(100));
			await().until(() -> rig.count(Outcome.NO_LINK) > 0);
		}
	}

	private static void pump(Socket client) {
		try {
			OutputStream out = client.getOutputStream();
			for (int sequence = 0;; sequence++) {
				NumberedFrame.write(out, NumberedFrame.content(sequence, 1, sequence, 16 * 1024));
			}
		}
		catch (IOException ex) {
			// closed at the end of the test
		}
	}

}
