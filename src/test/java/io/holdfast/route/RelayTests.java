package io.holdfast.route;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

import io.holdfast.connection.CloseReason;
import io.holdfast.testing.FrameClients;
import io.holdfast.testing.NumberedFrame;
import io.holdfast.testing.Scripts;
import io.holdfast.testing.TestGateway;
import io.holdfast.testing.UpstreamServer;
import io.holdfast.testing.UpstreamServer.Script;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Relays with servers that do what they should.
 */
class RelayTests {

	@ParameterizedTest
	@EnumSource
	void manyClientsGetTheirOwnRepliesInOrder(Sharing sharing) throws IOException {
		try (UpstreamServer server = UpstreamServer.start(Scripts.echo());
				RelayRig rig = RelayRig.start(sharing, List.of(server.port()), "links.max=100");
				FrameClients clients = FrameClients
					.start(new FrameClients.Options(rig.port(), 100, 8, 64, true, null, false))) {
			await().atMost(Duration.ofSeconds(20))
				.untilAsserted(() -> assertThat(clients.replied()).as(clients::toString).isGreaterThan(5000));
			clients.stop(Duration.ofSeconds(10));
			assertThat(clients.wrong() + clients.failed() + clients.duplicated()).as(clients::toString).isZero();
			assertThat(clients.replied()).isEqualTo(clients.sent());
			rig.awaitThatCountsAddUp();
			if (sharing == Sharing.DEDICATED) {
				assertThat(rig.count(Outcome.RELAYED)).isEqualTo(clients.sent() + clients.replied());
			}
			else {
				assertThat(rig.count(Outcome.REPLIED)).isEqualTo(clients.replied());
			}
		}
	}

	@ParameterizedTest
	@EnumSource(names = "DEDICATED", mode = EnumSource.Mode.EXCLUDE)
	void clientThatFinishesSendingStillGetsItsReplies(Sharing sharing) throws IOException {
		try (UpstreamServer server = UpstreamServer.start(Scripts.late(Duration.ofMillis(100)));
				RelayRig rig = RelayRig.start(sharing, List.of(server.port()));
				Socket client = rig.connect()) {
			for (int sequence = 0; sequence < 5; sequence++) {
				RelayRig.send(client, NumberedFrame.content(sequence, 1, sequence, 32));
			}
			client.shutdownOutput();
			for (int sequence = 0; sequence < 5; sequence++) {
				assertThat(NumberedFrame.sequence(RelayRig.receive(client))).isEqualTo(sequence);
			}
			assertThat(client.getInputStream().read()).isEqualTo(-1);
			await().untilAsserted(() -> assertThat(rig.gateway().closeReasons()).hasSize(1));
			rig.awaitThatCountsAddUp();
		}
	}

	@ParameterizedTest
	@EnumSource(names = "DEDICATED", mode = EnumSource.Mode.EXCLUDE)
	void replyToAClientThatHasLeftReachesNobodyAndTheLinkGoesOn(Sharing sharing) throws IOException {
		try (UpstreamServer server = UpstreamServer.start(Scripts.silent());
				RelayRig rig = RelayRig.start(sharing, List.of(server.port()), "links.min-idle=0", "links.max=1")) {
			try (Socket leaver = rig.connect()) {
				RelayRig.send(leaver, NumberedFrame.content(1, 1, 1, 32));
				await().until(() -> server.count() == 1);
				leaver.setSoLinger(true, 0);
			}
			await().until(() -> rig.gateway().registry().count() == 0);
			server.script(Scripts.echo());
			server.send(server.received().get(0));
			rig.awaitCount(Outcome.RELAYED, 1);
			rig.awaitCount(Outcome.UNMATCHED_REPLY, 1);
			Socket other = rig.connect();
			RelayRig.send(other, NumberedFrame.content(1, 2, 7, 32));
			assertThat(NumberedFrame.client(RelayRig.receive(other))).isEqualTo(2);
			assertThat(server.accepted()).isEqualTo(1);
			rig.awaitThatCountsAddUp();
		}
	}

	@Test
	void clientsWithTheSameNumberGetTheirOwnRepliesOutOfOrder() throws IOException {
		try (UpstreamServer server = UpstreamServer.start(Scripts.outOfOrder(20));
				RelayRig rig = RelayRig.start(Sharing.CORRELATED, List.of(server.port()), "links.max=1",
						"links.min-idle=1");
				FrameClients clients = rig.clients(40, 4, Sharing.CORRELATED)) {
			await().atMost(Duration.ofSeconds(20))
				.untilAsserted(() -> assertThat(clients.replied()).as(clients::toString).isGreaterThan(3000));
			clients.stop(Duration.ofSeconds(10));
			assertThat(clients.wrong() + clients.failed() + clients.duplicated()).as(clients::toString).isZero();
			assertThat(clients.replied()).isEqualTo(clients.sent());
			rig.awaitThatCountsAddUp();
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "ONE", "TWO" })
	void numbersWrapAroundWithManyInFlightAndAreNeverNegative(NumberSize size) throws IOException {
		Script outOfOrder = Scripts.outOfOrder(size.inFlight / 4);
		AtomicLong negative = new AtomicLong();
		try (UpstreamServer server = UpstreamServer.start((content, peer) -> {
			if (content[4 - size.bytes] < 0) {
				negative.incrementAndGet();
			}
			outOfOrder.on(content, peer);
		});
				RelayRig rig = RelayRig.start(Sharing.CORRELATED, List.of(server.port()), "links.max=1",
						"links.min-idle=1", "links.max-pending=4096",
						"gateway.protocols.numbered.correlation.size=" + size.bytes,
						"gateway.protocols.numbered.correlation.offset=" + (4 - size.bytes));
				FrameClients clients = rig.clients(40, size.inFlight / 40, Sharing.CORRELATED)) {
			server.keepFrames(false);
			await().atMost(Duration.ofSeconds(60))
				.untilAsserted(() -> assertThat(clients.replied()).as(clients::toString).isGreaterThan(size.frames));
			clients.stop(Duration.ofSeconds(10));
			assertThat(clients.wrong() + clients.failed() + clients.duplicated()).as(clients::toString).isZero();
			assertThat(negative).hasValue(0);
			rig.awaitThatCountsAddUp();
		}
	}

	@Test
	void framingsOfBothSidesMayDiffer() throws IOException {
		try (UpstreamServer server = UpstreamServer.start(Scripts.echo());
				TestGateway gateway = TestGateway.start("gateway.protocols.crlf.extends=line",
						"gateway.protocols.crlf.framing.ending=crlf", "gateway.listeners.lines.port=0",
						"gateway.listeners.lines.protocol=crlf", "gateway.listeners.lines.route.mode=relay",
						"gateway.listeners.lines.route.upstream=servers",
						"gateway.listeners.lines.route.sharing=pipelined",
						"gateway.listeners.lines.route.unchecked=true",
						"gateway.upstreams.servers.endpoints=127.0.0.1:" + server.port(),
						"gateway.upstreams.servers.protocol=length32")) {
			Socket client = gateway.connect("lines");
			client.getOutputStream().write("one\r\ntwo\r\n".getBytes(StandardCharsets.US_ASCII));
			assertThat(client.getInputStream().readNBytes(10)).asString(StandardCharsets.US_ASCII)
				.isEqualTo("one\r\ntwo\r\n");
			assertThat(server.received()).extracting((content) -> new String(content, StandardCharsets.US_ASCII))
				.containsExactly("one", "two");
		}
	}

	@Test
	void frameThatIsTooShortForItsNumberIsRefused() throws IOException {
		try (UpstreamServer server = UpstreamServer.start(Scripts.echo());
				RelayRig rig = RelayRig.start(Sharing.CORRELATED, List.of(server.port()),
						RelayRig.answeringFailures())) {
			Socket client = rig.connect();
			RelayRig.send(client, new byte[] { 1, 2, 3 });
			assertThat(RelayRig.receive(client)).isEqualTo(RelayRig.FAILURE);
			rig.awaitCount(Outcome.REFUSED, 1);
			RelayRig.send(client, NumberedFrame.content(1, 1, 1, 32));
			assertThat(NumberedFrame.sequence(RelayRig.receive(client))).isEqualTo(1);
			rig.awaitThatCountsAddUp();
		}
	}

	@ParameterizedTest
	@EnumSource
	void frameThatIsTooLongForTheUpstreamIsRefused(Sharing sharing) throws IOException {
		try (UpstreamServer server = UpstreamServer.start(Scripts.echo());
				RelayRig rig = RelayRig.start(sharing, List.of(server.port()),
						RelayRig.answeringFailures("gateway.protocols.short.extends=numbered",
								"gateway.protocols.short.framing.max-frame=100B",
								"gateway.upstreams.servers.protocol=short"))) {
			Socket client = rig.connect();
			RelayRig.send(client, NumberedFrame.content(1, 1, 1, 101));
			assertThat(RelayRig.receive(client)).isEqualTo(RelayRig.FAILURE);
			RelayRig.send(client, NumberedFrame.content(2, 1, 2, 100));
			assertThat(NumberedFrame.sequence(RelayRig.receive(client))).isEqualTo(2);
			rig.awaitCount(Outcome.REFUSED, 1);
			rig.awaitThatCountsAddUp();
		}
	}

	@Test
	void clientIsClosedAsUpstreamLostUnlessToldOtherwise() throws IOException {
		try (UpstreamServer server = UpstreamServer.start(Scripts.silent());
				RelayRig rig = RelayRig.start(Sharing.PIPELINED, List.of(server.port()), "route.reply-timeout=50ms")) {
			Socket client = rig.connect();
			RelayRig.send(client, NumberedFrame.content(1, 1, 1, 32));
			assertThat(client.getInputStream().read()).isEqualTo(-1);
			await().untilAsserted(
					() -> assertThat(rig.gateway().closeReasons()).containsExactly(CloseReason.UPSTREAM_LOST));
			rig.awaitCount(Outcome.TIMED_OUT, 1);
		}
	}

	@ParameterizedTest
	@EnumSource(names = "DEDICATED", mode = EnumSource.Mode.EXCLUDE)
	void clientThatIsClosedForAFailureReadsWhatItWasSentBefore(Sharing sharing) throws IOException {
		try (UpstreamServer server = UpstreamServer.start((content, peer) -> {
			if (NumberedFrame.sequence(content) == 0) {
				peer.reply(content);
			}
			else {
				peer.close();
			}
		}); RelayRig rig = RelayRig.start(sharing, List.of(server.port()))) {
			Socket client = rig.connect();
			RelayRig.send(client, NumberedFrame.content(0, 1, 0, 32));
			rig.awaitCount(Outcome.REPLIED, 1);
			// more than is taken before the link is lost, and than the kernel keeps
			for (int sequence = 1; sequence < 400; sequence++) {
				RelayRig.send(client, NumberedFrame.content(sequence, 1, sequence, 32 * 1024));
			}
			assertThat(NumberedFrame.sequence(RelayRig.receive(client))).isEqualTo(0);
			assertThat(client.getInputStream().read()).isEqualTo(-1);
			await().untilAsserted(
					() -> assertThat(rig.gateway().closeReasons()).containsExactly(CloseReason.UPSTREAM_LOST));
		}
	}

	@Test
	void clientStaysAndGetsNothingWhereDropIsAskedFor() throws IOException {
		try (UpstreamServer server = UpstreamServer.start(Scripts.silent());
				RelayRig rig = RelayRig.start(Sharing.CORRELATED, List.of(server.port()), "route.reply-timeout=50ms",
						"route.on-failure=drop")) {
			Socket client = rig.connect();
			RelayRig.send(client, NumberedFrame.content(1, 1, 1, 32));
			rig.awaitCount(Outcome.TIMED_OUT, 1);
			server.script(Scripts.echo());
			RelayRig.send(client, NumberedFrame.content(2, 1, 2, 32));
			assertThat(NumberedFrame.sequence(RelayRig.receive(client))).isEqualTo(2);
		}
	}

	@ParameterizedTest
	@EnumSource(names = "DEDICATED", mode = EnumSource.Mode.EXCLUDE)
	void framesBeyondMaxWaitingAreRefusedAtOnceAndTheOthersInTime(Sharing sharing) throws IOException {
		try (UpstreamServer server = UpstreamServer.start(Scripts.silent());
				RelayRig rig = RelayRig.start(sharing, List.of(server.port()),
						RelayRig.answeringFailures("links.max=1", "links.min-idle=0", "links.max-pending=1",
								"links.max-waiting=2", "links.acquire-timeout=500ms"))) {
			Socket first = rig.connect();
			RelayRig.send(first, NumberedFrame.content(0, 0, 0, 32));
			await().until(() -> server.count() == 1);
			for (int client = 1; client <= 5; client++) {
				RelayRig.send(rig.connect(), NumberedFrame.content(client, client, 0, 32));
			}
			rig.awaitCount(Outcome.REFUSED, 3);
			rig.awaitCount(Outcome.NO_LINK, 2);
			assertThat(server.count()).isEqualTo(1);
		}
	}

	/** How wide a number is, and how many are in flight and in all. */
	enum NumberSize {

		ONE(1, 100, 5_000), TWO(2, 4_000, 150_000);

		private final int bytes;

		private final int inFlight;

		private final int frames;

		NumberSize(int bytes, int inFlight, int frames) {
			this.bytes = bytes;
			this.inFlight = inFlight;
			this.frames = frames;
		}

	}

}
