package io.holdfast.route;

import java.time.Duration;
import java.util.List;

import io.holdfast.testing.FrameClients;
import io.holdfast.testing.Scripts;
import io.holdfast.testing.UpstreamServer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The restart of a server as the operations page has it, under load.
 */
class RestartBehindAPauseTests {

	private static final Duration ACQUIRE_TIMEOUT = Duration.ofSeconds(1);

	@ParameterizedTest
	@EnumSource(names = "DEDICATED", mode = EnumSource.Mode.EXCLUDE)
	@SuppressWarnings("try") // the server is closed in the middle of the test
	void losesNoRequestThoughItTakesLongerThanTheAcquireTimeout(Sharing sharing) throws Exception {
		try (UpstreamServer before = UpstreamServer.start(Scripts.echo());
				RelayRig rig = RelayRig.start(sharing, List.of(before.port()),
						RelayRig.answeringFailures("links.acquire-timeout=" + ACQUIRE_TIMEOUT.toMillis() + "ms",
								"reconnect.max=1h"));
				FrameClients clients = rig.clients(20, 4, sharing)) {
			await().until(() -> clients.replied() > 1000);
			rig.upstream().pause();
			await().until(() -> rig.upstream().info().links().lent() == 0 && rig.upstream().info().waiting() > 0);
			before.close();
			await().until(() -> rig.upstream().info().longestWait().compareTo(ACQUIRE_TIMEOUT.multipliedBy(2)) > 0);
			long replied = clients.replied();
			try (UpstreamServer after = UpstreamServer.start(before.port(), Scripts.echo())) {
				rig.upstream().resume();
				await()
					.untilAsserted(() -> assertThat(clients.replied()).as(rig::toString).isGreaterThan(replied + 1000));
				assertThat(after.open()).isPositive();
				clients.stop(Duration.ofSeconds(10));
			}
			assertThat(clients.failed()).as(clients::toString).isZero();
			assertThat(clients.wrong()).as(clients::toString).isZero();
			assertThat(clients.closed()).as(clients::toString).isZero();
			rig.awaitThatCountsAddUp();
		}
	}

}
