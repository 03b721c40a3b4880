package io.holdfast.route;

import java.io.IOException;
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

	private static final int FRAME = 16 * 1024;

	/** More than the kernel takes of a link that the server does not read. */
	private static final int FRAMES = 1500;

	@ParameterizedTest
	@EnumSource(names = { "PIPELINED", "CORRELATED" })
	@SuppressWarnings("try") // the server ends in mid-test
	void frameWaitsForLinksForTheAcquireTimeoutInAll(Sharing sharing) throws IOException {
		try (UpstreamServer server = UpstreamServer.start(Scripts.notReading());
				RelayRig rig = start(sharing, server, "2s")) {
			sendAll(rig);
			time(rig).pass(Duration.ofMillis(1900));
			server.close();
			await().until(() -> rig.upstream().info().waiting() == 1);
			assertThat(rig.count(Outcome.NO_LINK)).isZero();
			time(rig).pass(Duration.ofMillis(100));
			await().until(() -> rig.count(Outcome.NO_LINK) > 0);
			rig.awaitThatCountsAddUp();
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "PIPELINED", "CORRELATED" })
	@SuppressWarnings("try") // the server ends in mid-test
	void frameThatComesBackInAPauseWaitsForItsEnd(Sharing sharing) throws IOException {
		try (UpstreamServer server = UpstreamServer.start(Scripts.notReading());
				RelayRig rig = start(sharing, server, "15s")) {
			sendAll(rig);
			rig.upstream().pause();
			time(rig).pass(Duration.ofSeconds(20));
			server.close();
			await().until(() -> rig.upstream().info().waiting() == 1);
			time(rig).pass(Duration.ofSeconds(20));
			try (UpstreamServer next = UpstreamServer.start(server.port(), Scripts.silent())) {
				rig.upstream().resume();
				// an attempt from before may fail now, and the next one takes its time
				await().until(() -> {
					time(rig).pass(Duration.ofMillis(100));
					return next.count() > 0 && rig.upstream().info().waiting() == 0;
				});
				await().until(() -> next.count() + rig.count(Outcome.LINK_LOST) == FRAMES);
				assertThat(rig.count(Outcome.NO_LINK)).as(rig::toString).isZero();
			}
		}
	}

	private static RelayRig start(Sharing sharing, UpstreamServer server, String acquireTimeout) {
		return RelayRig.start(MovedTime.class, sharing, List.of(server.port()), "links.min-idle=0", "links.max=1",
				"links.max-pending=10000", "links.max-pending-output=64MB", "links.acquire-timeout=" + acquireTimeout,
				"links.send-timeout=1h", "route.reply-timeout=1h", "route.on-failure=drop");
	}

	/** Has a link take all frames, of which some cannot leave. */
	private static void sendAll(RelayRig rig) throws IOException {
		Socket client = rig.connect();
		for (int sequence = 0; sequence < FRAMES; sequence++) {
			RelayRig.send(client, NumberedFrame.content(sequence, 1, sequence, FRAME));
		}
		await().until(() -> rig.gateway().listener("relay").traffic().framesIn() == FRAMES);
	}

	private static MovedTime.Time time(RelayRig rig) {
		return rig.gateway().bean(MovedTime.Time.class);
	}

}
