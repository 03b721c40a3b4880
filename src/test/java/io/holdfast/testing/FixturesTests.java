package io.holdfast.testing;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

import io.holdfast.testing.FrameClients.Options;
import io.holdfast.testing.UpstreamServer.Script;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * The fixtures for relays against each other, without a gateway between them: what a
 * fixture does, the other one notices.
 */
class FixturesTests {

	private static final Duration PATIENCE = Duration.ofSeconds(30);

	private static final byte[] FAILURE = "failed".getBytes(StandardCharsets.US_ASCII);

	private static final int CLIENTS = 5;

	private static final int DEPTH = 4;

	private static final int WINDOWS = CLIENTS * DEPTH;

	private static final int SIZE = 40;

	@Test
	void numberedFrameHasItsNumbersWhereTheyBelong() throws IOException {
		byte[] content = NumberedFrame.content(0x01020304, -2, 1L << 40, 17);
		assertThat(content).containsExactly(1, 2, 3, 4, 0xff, 0xff, 0xff, 0xfe, 0, 0, 1, 0, 0, 0, 0, 0, 'x');
		assertThat(NumberedFrame.number(content)).isEqualTo(0x01020304);
		assertThat(NumberedFrame.client(content)).isEqualTo(-2);
		assertThat(NumberedFrame.sequence(content)).isEqualTo(1L << 40);
		ByteArrayOutputStream output = new ByteArrayOutputStream();
		NumberedFrame.write(output, content);
		assertThat(output.toByteArray()).startsWith(0, 0, 0, 17).endsWith(content).hasSize(21);
		DataInputStream input = new DataInputStream(new ByteArrayInputStream(output.toByteArray()));
		assertThat(NumberedFrame.read(input)).isEqualTo(content);
		assertThat(NumberedFrame.read(input)).isNull();
		DataInputStream truncated = new DataInputStream(new ByteArrayInputStream(output.toByteArray(), 0, 20));
		assertThatExceptionOfType(EOFException.class).isThrownBy(() -> NumberedFrame.read(truncated));
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void manyClientsGetEveryEcho(boolean inOrder) {
		try (UpstreamServer upstream = UpstreamServer.start(Scripts.echo());
				FrameClients clients = FrameClients
					.start(new Options(upstream.port(), 50, DEPTH, SIZE, inOrder, null, false))) {
			patiently().until(() -> clients.replied() > 10_000 && upstream.open() == 50);
			clients.stop(PATIENCE);
			assertAllAnswered(clients);
			assertThat(clients.replied()).isEqualTo(clients.sent());
			assertThat(clients.closed()).isZero();
			assertThat(upstream.count()).isEqualTo(clients.sent());
			assertThat(upstream.accepted()).isEqualTo(50);
			patiently().until(() -> upstream.open() == 0);
		}
	}

	@Test
	void contentsAreKeptUntilToldOtherwise() {
		try (UpstreamServer upstream = UpstreamServer.start(Scripts.silent());
				FrameClients clients = FrameClients.start(options(upstream.port(), false, null, false))) {
			patiently().until(() -> upstream.count() == WINDOWS);
			Set<String> distinct = new HashSet<>();
			upstream.received()
				.forEach((content) -> distinct
					.add(NumberedFrame.client(content) + " " + NumberedFrame.sequence(content)));
			assertThat(distinct).hasSize(WINDOWS);
			assertThat(clients.sent()).isEqualTo(WINDOWS);
		}
		try (UpstreamServer upstream = UpstreamServer.start(Scripts.echo())) {
			upstream.keepFrames(false);
			try (FrameClients clients = FrameClients.start(options(upstream.port(), false, null, false))) {
				patiently().until(() -> clients.replied() > 100);
			}
			assertThat(upstream.count()).isGreaterThan(100);
			assertThat(upstream.received()).isEmpty();
		}
	}

	@Test
	void largeFramesDoNotBlockEachOther() {
		try (UpstreamServer upstream = UpstreamServer.start(Scripts.echo())) {
			upstream.keepFrames(false);
			try (FrameClients clients = FrameClients
				.start(new Options(upstream.port(), 2, DEPTH, 4 << 20, true, null, false))) {
				patiently().until(() -> clients.replied() > 20);
				clients.stop(PATIENCE);
				assertAllAnswered(clients);
			}
		}
	}

	@Test
	void unansweredRequestsStayOutstanding() {
		try (UpstreamServer upstream = UpstreamServer.start(Scripts.silent());
				FrameClients clients = FrameClients.start(options(upstream.port(), true, null, false))) {
			patiently().until(() -> upstream.count() == WINDOWS);
			clients.stop(Duration.ZERO);
			assertThat(clients.sent()).isEqualTo(WINDOWS);
			assertThat(clients.outstanding()).isEqualTo(WINDOWS);
			assertThat(clients.lost()).isZero();
			assertThat(clients.closed()).isZero();
		}
	}

	@Test
	void nothingIsReadUntilTheScriptReads() {
		try (UpstreamServer upstream = UpstreamServer.start(Scripts.notReading());
				FrameClients clients = FrameClients.start(options(upstream.port(), true, null, false))) {
			patiently().until(() -> clients.sent() == WINDOWS && upstream.open() == CLIENTS);
			assertThat(upstream.count()).isZero();
			upstream.script(Scripts.echo());
			patiently().until(() -> clients.replied() > WINDOWS);
			clients.stop(PATIENCE);
			assertAllAnswered(clients);
		}
	}

	@Test
	void connectionThatIsNotReadCanBeClosed() {
		try (UpstreamServer upstream = UpstreamServer.start(Scripts.notReading());
				FrameClients clients = FrameClients.start(options(upstream.port(), true, null, false))) {
			patiently().until(() -> clients.sent() == WINDOWS && upstream.open() == CLIENTS);
			upstream.closeConnections();
			assertThat(upstream.open()).isZero();
			patiently().until(() -> clients.closed() == CLIENTS);
			assertThat(clients.lost()).isEqualTo(WINDOWS);
		}
	}

	@Test
	void lateRepliesComeInOrderAndDoNotStopReading() {
		try (UpstreamServer upstream = UpstreamServer.start(Scripts.late(Duration.ofDays(1)));
				FrameClients clients = FrameClients.start(options(upstream.port(), true, null, true))) {
			patiently().until(() -> upstream.count() == WINDOWS);
			assertThat(clients.replied()).isZero();
			upstream.script(Scripts.late(Duration.ofMillis(5)));
			upstream.closeConnections();
			patiently().until(() -> clients.replied() > 10 * WINDOWS);
			clients.stop(PATIENCE);
			assertAllAnswered(clients);
			assertThat(clients.lost()).isEqualTo(WINDOWS);
		}
	}

	@Test
	void secondReplyIsDuplicated() {
		try (UpstreamServer upstream = UpstreamServer.start(Scripts.twice());
				FrameClients clients = FrameClients.start(options(upstream.port(), true, null, false))) {
			patiently().until(() -> clients.duplicated() > WINDOWS);
			clients.stop(PATIENCE);
			assertThat(clients.outstanding()).isZero();
			assertThat(clients.wrong()).as(clients::toString).isZero();
			assertThat(clients.replied()).isEqualTo(clients.sent());
		}
	}

	@Test
	void reverseRepliesAreWrongOnlyWhereOrderIsAskedFor() {
		try (UpstreamServer upstream = UpstreamServer.start(Scripts.outOfOrder(DEPTH));
				FrameClients ordered = FrameClients.start(options(upstream.port(), true, null, false));
				FrameClients unordered = FrameClients.start(options(upstream.port(), false, null, false))) {
			patiently().until(() -> unordered.replied() > 10 * WINDOWS && ordered.wrong() > WINDOWS);
			unordered.stop(PATIENCE);
			ordered.stop(PATIENCE);
			assertAllAnswered(unordered);
			assertThat(ordered.replied()).isEqualTo(ordered.sent());
			assertThat(ordered.toString()).contains("OUT_OF_ORDER");
		}
	}

	@Test
	void fewerRequestsThanCollectedAreAnsweredToo() {
		try (UpstreamServer upstream = UpstreamServer.start(Scripts.outOfOrder(DEPTH + 1));
				FrameClients clients = FrameClients.start(options(upstream.port(), false, null, false))) {
			patiently().until(() -> clients.replied() > 2 * WINDOWS);
			clients.stop(PATIENCE);
			assertAllAnswered(clients);
		}
	}

	@Test
	void alteredReplyIsWrong() {
		try (UpstreamServer upstream = UpstreamServer.start((content, peer) -> {
			byte[] altered = content.clone();
			altered[SIZE - 1] = 'y';
			peer.reply(altered);
		}); FrameClients clients = FrameClients.start(options(upstream.port(), false, null, false))) {
			patiently().until(() -> clients.wrong() == WINDOWS);
			assertThat(clients.replied()).isZero();
			assertThat(clients.outstanding()).isEqualTo(WINDOWS);
		}
	}

	@Test
	void replyForAnotherClientIsWrong() {
		try (UpstreamServer upstream = UpstreamServer.start((content,
				peer) -> peer.reply(NumberedFrame.content(NumberedFrame.number(content),
						NumberedFrame.client(content) + 1, NumberedFrame.sequence(content), SIZE)));
				FrameClients clients = FrameClients.start(options(upstream.port(), false, null, false))) {
			patiently().until(() -> clients.wrong() == WINDOWS);
			assertThat(clients.replied()).isZero();
			assertThat(clients.duplicated()).isZero();
		}
	}

	@Test
	void replyToARequestOfAnEarlierConnectionIsWrong() {
		try (UpstreamServer upstream = UpstreamServer.start(Scripts.silent());
				FrameClients clients = FrameClients
					.start(new Options(upstream.port(), 1, DEPTH, SIZE, false, null, true))) {
			patiently().until(() -> upstream.count() == DEPTH);
			byte[] early = upstream.received().get(0);
			upstream.closeConnections();
			patiently().until(() -> upstream.count() == 2 * DEPTH);
			upstream.send(early);
			patiently().until(() -> clients.wrong() == 1);
			assertThat(clients.duplicated()).isZero();
		}
	}

	@Test
	void unsolicitedFrameIsWrong() {
		try (UpstreamServer upstream = UpstreamServer.start(Scripts.echo());
				FrameClients clients = FrameClients.start(options(upstream.port(), true, null, false))) {
			patiently().until(() -> upstream.open() == CLIENTS);
			upstream.send(new byte[] { 1 });
			patiently().until(() -> clients.wrong() == CLIENTS);
			clients.stop(PATIENCE);
			assertThat(clients.replied()).isEqualTo(clients.sent());
		}
	}

	@Test
	void nonsenseLengthIsWrongAndEndsTheConnection() {
		try (UpstreamServer upstream = UpstreamServer.start((content, peer) -> peer.raw(new byte[] { -1, -1, -1, -1 }));
				FrameClients clients = FrameClients.start(options(upstream.port(), true, null, false))) {
			patiently().until(() -> clients.wrong() == CLIENTS && upstream.open() == 0);
			patiently().until(() -> clients.outstanding() == 0);
			assertThat(clients.closed()).isZero();
			assertThat(clients.lost()).isEqualTo(clients.sent());
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void failureReplyEndsOneRequest(boolean inOrder) {
		Script thirdFails = (content, peer) -> peer.reply((peer.frames() % 3 == 0) ? FAILURE : content);
		try (UpstreamServer upstream = UpstreamServer.start(thirdFails);
				FrameClients clients = FrameClients.start(options(upstream.port(), inOrder, FAILURE, false))) {
			patiently().until(() -> clients.failed() > 10 * WINDOWS);
			clients.stop(PATIENCE);
			assertAllAnswered(clients);
			assertThat(clients.replied() + clients.failed()).isEqualTo(clients.sent());
			assertThat(clients.failed()).isBetween(clients.sent() / 3 - CLIENTS, clients.sent() / 3);
		}
	}

	@Test
	void failureInOrderIsTheOldestRequest() {
		Outstanding outstanding = new Outstanding(7, options(1, true, FAILURE, false));
		byte[] first = next(outstanding);
		byte[] second = next(outstanding);
		assertThat(outstanding.judge(FAILURE)).isEqualTo(Outstanding.Verdict.FAILED);
		assertThat(outstanding.judge(first)).isEqualTo(Outstanding.Verdict.DUPLICATED);
		assertThat(outstanding.judge(second)).isEqualTo(Outstanding.Verdict.REPLIED);
		assertThat(outstanding.judge(FAILURE)).isEqualTo(Outstanding.Verdict.WRONG);
	}

	@Test
	void failureInAnyOrderIsWhicheverRequestGetsNoReply() {
		Outstanding outstanding = new Outstanding(7, options(1, false, FAILURE, false));
		byte[] first = next(outstanding);
		byte[] second = next(outstanding);
		byte[] third = next(outstanding);
		assertThat(outstanding.judge(FAILURE)).isEqualTo(Outstanding.Verdict.FAILED);
		assertThat(outstanding.size()).isEqualTo(2);
		assertThat(outstanding.judge(third)).isEqualTo(Outstanding.Verdict.REPLIED);
		assertThat(outstanding.judge(first)).isEqualTo(Outstanding.Verdict.REPLIED);
		assertThat(outstanding.size()).isZero();
		assertThat(outstanding.judge(second)).isEqualTo(Outstanding.Verdict.DUPLICATED);
		assertThat(outstanding.judge(FAILURE)).isEqualTo(Outstanding.Verdict.WRONG);
	}

	@Test
	void replyCutOffByAResetIsLost() {
		try (UpstreamServer upstream = UpstreamServer.start(Scripts.resetsInMidReply());
				FrameClients clients = FrameClients.start(options(upstream.port(), true, null, false))) {
			patiently().until(() -> clients.closed() == CLIENTS);
			assertThat(clients.broken()).isEqualTo(CLIENTS);
			assertThat(clients.lost()).isEqualTo(clients.sent()).isGreaterThanOrEqualTo(CLIENTS);
			assertThat(clients.replied()).isZero();
			assertThat(clients.wrong()).isZero();
			assertThat(clients.outstanding()).isZero();
		}
	}

	@Test
	void clientsConnectAgainAfterEveryClose() {
		try (UpstreamServer upstream = UpstreamServer.start(Scripts.closesAfterReply());
				FrameClients clients = FrameClients
					.start(new Options(upstream.port(), CLIENTS, 1, SIZE, true, null, true))) {
			patiently().until(() -> clients.reconnected() > 3 * CLIENTS);
			clients.stop(PATIENCE);
			assertThat(clients.replied() + clients.lost()).isEqualTo(clients.sent());
			assertThat(clients.replied()).isPositive();
			assertThat(clients.closed()).isGreaterThanOrEqualTo(clients.reconnected());
			assertThat(clients.wrong()).as(clients::toString).isZero();
		}
	}

	@Test
	void clientsConnectToEachOfTheirPortsInTurn() {
		try (UpstreamServer one = UpstreamServer.start(Scripts.echo());
				UpstreamServer other = UpstreamServer.start(Scripts.echo());
				FrameClients clients = FrameClients
					.start(new Options(List.of(one.port(), other.port()), CLIENTS, 1, SIZE, true, null, true))) {
			patiently().until(() -> clients.replied() > CLIENTS && one.open() == CLIENTS);
			assertThat(other.accepted()).isZero();
			one.closeConnections();
			patiently().until(() -> other.open() == CLIENTS);
			assertThat(one.accepted()).isEqualTo(CLIENTS);
		}
	}

	@Test
	void clientsThatDoNotReconnectStayAway() {
		try (UpstreamServer upstream = UpstreamServer.start(Scripts.echo());
				FrameClients clients = FrameClients.start(options(upstream.port(), true, null, false))) {
			patiently().until(() -> clients.replied() > WINDOWS && upstream.open() == CLIENTS);
			upstream.resetConnections();
			patiently().until(() -> clients.closed() == CLIENTS);
			clients.stop(PATIENCE);
			assertThat(clients.replied() + clients.lost()).isEqualTo(clients.sent());
			assertThat(clients.reconnected()).isZero();
			assertThat(upstream.accepted()).isEqualTo(CLIENTS);
		}
	}

	@Test
	void serverStartsAgainOnItsPort() {
		UpstreamServer first = UpstreamServer.start(Scripts.echo());
		try (first; FrameClients clients = FrameClients.start(options(first.port(), true, null, true))) {
			patiently().until(() -> clients.replied() > WINDOWS);
			first.close();
			patiently().until(() -> clients.closed() == CLIENTS);
			try (UpstreamServer second = UpstreamServer.start(first.port(), Scripts.echo())) {
				patiently().until(() -> clients.reconnected() == CLIENTS && second.count() > WINDOWS);
				clients.stop(PATIENCE);
				assertAllAnswered(clients);
				assertThat(clients.replied() + clients.lost()).isEqualTo(clients.sent());
			}
		}
	}

	@Test
	void killedProcessLosesRequestsUntilItStartsAgain() {
		UpstreamProcess first = UpstreamProcess.start(0);
		try (first; FrameClients clients = FrameClients.start(options(first.port(), true, null, true))) {
			patiently().until(() -> clients.replied() > 10 * WINDOWS);
			first.killHard();
			patiently().until(() -> clients.closed() == CLIENTS);
			long before = clients.replied();
			assertThat(clients.reconnected()).isZero();
			try (UpstreamProcess second = UpstreamProcess.start(first.port())) {
				assertThat(second.port()).isEqualTo(first.port());
				patiently().until(() -> clients.reconnected() == CLIENTS && clients.replied() > before + 10 * WINDOWS);
				clients.stop(PATIENCE);
				assertAllAnswered(clients);
				assertThat(clients.replied() + clients.lost()).isEqualTo(clients.sent());
			}
		}
	}

	@Test
	void suspendedProcessAnswersOnceItIsResumed() {
		try (UpstreamProcess upstream = UpstreamProcess.start(0);
				FrameClients clients = FrameClients.start(options(upstream.port(), true, null, false))) {
			patiently().until(() -> clients.replied() > 10 * WINDOWS);
			upstream.suspend();
			patiently().until(() -> clients.outstanding() == WINDOWS);
			try (FrameClients late = FrameClients.start(options(upstream.port(), true, null, false))) {
				patiently().until(() -> late.sent() == WINDOWS);
				assertThat(late.replied()).isZero();
				upstream.resume();
				patiently().until(() -> late.replied() > WINDOWS);
			}
			clients.stop(PATIENCE);
			assertAllAnswered(clients);
			assertThat(clients.replied()).isEqualTo(clients.sent());
			assertThat(clients.closed()).isZero();
		}
	}

	@Test
	void suspendedProcessCanBeKilled() {
		try (UpstreamProcess upstream = UpstreamProcess.start(0);
				FrameClients clients = FrameClients.start(options(upstream.port(), true, null, false))) {
			upstream.suspend();
			upstream.killHard();
			assertThat(upstream.isAlive()).isFalse();
			patiently().until(() -> clients.closed() == CLIENTS);
		}
	}

	private static Options options(int port, boolean inOrder, byte @Nullable [] failureReply, boolean reconnect) {
		return new Options(port, CLIENTS, DEPTH, SIZE, inOrder, failureReply, reconnect);
	}

	private static byte[] next(Outstanding outstanding) {
		return Objects.requireNonNull(outstanding.next());
	}

	private static ConditionFactory patiently() {
		return await().atMost(PATIENCE);
	}

	/**
	 * Nothing is open, and no reply was amiss.
	 */
	private static void assertAllAnswered(FrameClients clients) {
		assertThat(clients.outstanding()).as(clients::toString).isZero();
		assertThat(clients.wrong()).as(clients::toString).isZero();
		assertThat(clients.duplicated()).as(clients::toString).isZero();
	}

}
