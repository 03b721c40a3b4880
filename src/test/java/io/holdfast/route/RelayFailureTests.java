package io.holdfast.route;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

import io.holdfast.testing.FrameClients;
import io.holdfast.testing.NumberedFrame;
import io.holdfast.testing.Scripts;
import io.holdfast.testing.UpstreamProcess;
import io.holdfast.testing.UpstreamServer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Upstream servers that fail in every way they can, under load. Whatever happens, no
 * client gets another's reply, none is answered twice, clients that asked for a reply in
 * place of the server's stay, and every frame has its outcome.
 */
class RelayFailureTests {

	private static final int CLIENTS = 20;

	private static final int DEPTH = 4;

	@ParameterizedTest
	@EnumSource(names = "DEDICATED", mode = EnumSource.Mode.EXCLUDE)
	void killedServerIsReplacedWhenItStartsAgain(Sharing sharing) throws IOException {
		int port;
		try (UpstreamProcess first = UpstreamProcess.start(0);
				RelayRig rig = RelayRig.start(sharing, List.of(first.port()),
						RelayRig.answeringFailures("links.acquire-timeout=200ms"));
				FrameClients clients = rig.clients(CLIENTS, DEPTH, sharing)) {
			port = first.port();
			awaitReplies(clients, 1000);
			first.killHard();
			await().untilAsserted(() -> assertThat(clients.failed()).as(clients::toString).isPositive());
			long before = clients.replied();
			try (UpstreamProcess second = UpstreamProcess.start(port)) {
				assertThat(second.isAlive()).isTrue();
				awaitReplies(clients, before + 1000);
				stopAndCheck(rig, clients);
				rig.awaitThatPoolIsWarm();
			}
		}
	}

	@ParameterizedTest
	@EnumSource(names = "DEDICATED", mode = EnumSource.Mode.EXCLUDE)
	void stoppedServerTimesOutAndGoesOnWhenItContinues(Sharing sharing) throws IOException {
		try (UpstreamProcess server = UpstreamProcess.start(0);
				RelayRig rig = RelayRig.start(sharing, List.of(server.port()),
						RelayRig.answeringFailures("links.acquire-timeout=200ms", "route.reply-timeout=300ms"));
				FrameClients clients = rig.clients(CLIENTS, DEPTH, sharing)) {
			awaitReplies(clients, 1000);
			server.suspend();
			await().untilAsserted(() -> assertThat(rig.count(Outcome.TIMED_OUT)).as(rig::toString).isPositive());
			server.resume();
			awaitReplies(clients, clients.replied() + 1000);
			stopAndCheck(rig, clients);
			rig.awaitThatPoolIsWarm();
		}
	}

	@ParameterizedTest
	@EnumSource(names = "DEDICATED", mode = EnumSource.Mode.EXCLUDE)
	void silentServerTimesOut(Sharing sharing) throws IOException {
		try (UpstreamServer server = UpstreamServer.start(Scripts.silent());
				RelayRig rig = RelayRig.start(sharing, List.of(server.port()),
						RelayRig.answeringFailures("links.acquire-timeout=100ms", "route.reply-timeout=100ms"));
				FrameClients clients = rig.clients(CLIENTS, DEPTH, sharing)) {
			await().untilAsserted(
					() -> assertThat(rig.count(Outcome.TIMED_OUT)).as(rig::toString).isGreaterThan(CLIENTS * DEPTH));
			assertThat(clients.replied()).isZero();
			stopAndCheck(rig, clients);
			checkThatNothingWasSentTwice(server);
			server.script(Scripts.echo());
			rig.awaitThatPoolIsWarm();
		}
	}

	@ParameterizedTest
	@EnumSource(names = "DEDICATED", mode = EnumSource.Mode.EXCLUDE)
	void serverThatClosesAfterEachReplyCostsOnlyWhatWasInFlight(Sharing sharing) throws IOException {
		try (UpstreamServer server = UpstreamServer.start(Scripts.closesAfterReply());
				RelayRig rig = RelayRig.start(sharing, List.of(server.port()), RelayRig.answeringFailures());
				FrameClients clients = rig.clients(CLIENTS, DEPTH, sharing)) {
			awaitReplies(clients, 50);
			stopAndCheck(rig, clients);
			checkThatNothingWasSentTwice(server);
			rig.awaitThatPoolIsWarm();
		}
	}

	@ParameterizedTest
	@EnumSource(names = "DEDICATED", mode = EnumSource.Mode.EXCLUDE)
	void serverThatResetsInMidReplyAnswersNobody(Sharing sharing) throws IOException {
		try (UpstreamServer server = UpstreamServer.start(Scripts.resetsInMidReply());
				RelayRig rig = RelayRig.start(sharing, List.of(server.port()),
						RelayRig.answeringFailures("links.acquire-timeout=200ms"));
				FrameClients clients = rig.clients(CLIENTS, DEPTH, sharing)) {
			await().untilAsserted(() -> assertThat(rig.count(Outcome.LINK_LOST)).as(rig::toString).isGreaterThan(20));
			assertThat(clients.replied()).isZero();
			server.script(Scripts.echo());
			awaitReplies(clients, 500);
			stopAndCheck(rig, clients);
			checkThatNothingWasSentTwice(server);
			rig.awaitThatPoolIsWarm();
		}
	}

	@ParameterizedTest
	@EnumSource(names = "DEDICATED", mode = EnumSource.Mode.EXCLUDE)
	void repliesAfterTheTimeoutReachNobody(Sharing sharing) throws IOException {
		try (UpstreamServer server = UpstreamServer.start(Scripts.late(Duration.ofMillis(300)));
				RelayRig rig = RelayRig.start(sharing, List.of(server.port()),
						RelayRig.answeringFailures("links.acquire-timeout=100ms", "route.reply-timeout=100ms",
								"links.max=4"));
				FrameClients clients = rig.clients(CLIENTS, DEPTH, sharing)) {
			await().untilAsserted(() -> assertThat(rig.count(Outcome.TIMED_OUT)).as(rig::toString).isGreaterThan(100));
			server.script(Scripts.echo());
			awaitReplies(clients, 500);
			stopAndCheck(rig, clients);
			checkThatNothingWasSentTwice(server);
			rig.awaitThatPoolIsWarm();
		}
	}

	@ParameterizedTest
	@EnumSource(names = "DEDICATED", mode = EnumSource.Mode.EXCLUDE)
	void secondAnswersReachNobody(Sharing sharing) throws IOException {
		try (UpstreamServer server = UpstreamServer.start(Scripts.twice());
				RelayRig rig = RelayRig.start(sharing, List.of(server.port()), RelayRig.answeringFailures());
				FrameClients clients = rig.clients(CLIENTS, DEPTH, sharing)) {
			awaitReplies(clients, 1000);
			stopAndCheck(rig, clients);
			assertThat(clients.failed()).as(rig::toString).isZero();
			assertThat(rig.count(Outcome.UNMATCHED_REPLY)).as(rig::toString).isPositive();
			rig.awaitThatPoolIsWarm();
		}
	}

	@ParameterizedTest
	@EnumSource(names = "DEDICATED", mode = EnumSource.Mode.EXCLUDE)
	void lossOfOneOfTwoServersCostsOnlyWhatWasInFlightOnIt(Sharing sharing) throws IOException {
		try (UpstreamProcess one = UpstreamProcess.start(0);
				UpstreamProcess other = UpstreamProcess.start(0);
				RelayRig rig = RelayRig.start(sharing, List.of(one.port(), other.port()), RelayRig.answeringFailures());
				FrameClients clients = rig.clients(CLIENTS, DEPTH, sharing)) {
			awaitReplies(clients, 2000);
			one.killHard();
			assertThat(other.isAlive()).isTrue();
			awaitReplies(clients, clients.replied() + 2000);
			stopAndCheck(rig, clients);
			assertThat(rig.count(Outcome.NO_LINK)).as(rig::toString).isZero();
			assertThat(rig.count(Outcome.TIMED_OUT)).as(rig::toString).isZero();
			assertThat(rig.count(Outcome.LINK_LOST)).as(rig::toString).isLessThanOrEqualTo(CLIENTS * DEPTH);
		}
	}

	private static void awaitReplies(FrameClients clients, long count) {
		await().atMost(Duration.ofSeconds(30))
			.untilAsserted(() -> assertThat(clients.replied()).as(clients::toString).isGreaterThanOrEqualTo(count));
	}

	private static void checkThatNothingWasSentTwice(UpstreamServer server) {
		assertThat(server.received())
			.extracting((content) -> NumberedFrame.client(content) + "/" + NumberedFrame.sequence(content))
			.doesNotHaveDuplicates();
	}

	private static void stopAndCheck(RelayRig rig, FrameClients clients) {
		clients.stop(Duration.ofSeconds(20));
		assertThat(clients.outstanding()).as(() -> clients + " " + rig).isZero();
		assertThat(clients.wrong()).as(clients::toString).isZero();
		assertThat(clients.duplicated()).as(clients::toString).isZero();
		assertThat(clients.closed()).as(clients::toString).isZero();
		assertThat(clients.lost()).as(clients::toString).isZero();
		rig.awaitThatCountsAddUp();
	}

}
