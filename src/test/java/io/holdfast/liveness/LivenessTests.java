package io.holdfast.liveness;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import io.holdfast.connection.CloseReason;
import io.holdfast.connection.ConnectionInfo;
import io.holdfast.connection.ConnectionState;
import io.holdfast.testing.TestGateway;
import io.holdfast.transport.EventLoops;
import io.holdfast.transport.Transport;
import io.holdfast.transport.WorkerPool;
import io.netty.channel.EventLoop;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;
import org.springframework.integration.dsl.IntegrationFlow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The real application with a protocol that has everything, and peers that are sockets.
 * Only the time of silence is moved.
 */
class LivenessTests {

	private static final Duration INTERVAL = Duration.ofSeconds(5);

	private static final List<String> PROTOCOL = List.of("gateway.protocols.meter.extends=line",
			"gateway.protocols.meter.heartbeat.probe.text=PING", "gateway.protocols.meter.heartbeat.reply.text=PONG",
			"gateway.protocols.meter.heartbeat.answer[0].match.text=HELLO",
			"gateway.protocols.meter.heartbeat.answer[0].reply.text=WORLD ?",
			"gateway.protocols.meter.heartbeat.answer[0].copy[0].from=6",
			"gateway.protocols.meter.heartbeat.answer[0].copy[0].size=1",
			"gateway.protocols.meter.identity.pattern=^ID=(\\w+)", "gateway.protocols.meter.goodbye.text=BYE");

	private final List<AutoCloseable> resources = new ArrayList<>();

	private Class<? extends MovedTime> flows = MovedTime.class;

	@AfterEach
	void close() throws Exception {
		for (AutoCloseable resource : this.resources) {
			resource.close();
		}
	}

	private TestGateway gateway(String... settings) {
		TestGateway gateway = TestGateway.start(this.flows,
				Stream
					.of(PROTOCOL.stream(),
							Stream.of("gateway.listeners.a.port=0", "gateway.listeners.a.protocol=meter",
									"gateway.listeners.a.route.mode=echo"),
							Arrays.stream(settings))
					.flatMap((each) -> each)
					.toArray(String[]::new));
		this.resources.add(0, gateway);
		return gateway;
	}

	private TestGateway withHeartbeats(String... settings) {
		return gateway(
				Stream.concat(Stream.of("gateway.listeners.a.liveness.heartbeat-interval=5s"), Arrays.stream(settings))
					.toArray(String[]::new));
	}

	private static void pass(TestGateway gateway, Duration span) {
		gateway.bean(MovedTime.Time.class).pass(span);
	}

	/** A client that the gateway knows of, so that time passes for it. */
	private static Socket connect(TestGateway gateway, String listener) throws IOException {
		int before = gateway.registry().count();
		Socket peer = gateway.connect(listener);
		await().until(() -> gateway.registry().count() > before);
		return peer;
	}

	private static void send(Socket peer, String line) throws IOException {
		peer.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
	}

	private static String receive(Socket peer) throws IOException {
		StringBuilder line = new StringBuilder();
		int next;
		while ((next = peer.getInputStream().read()) != '\n') {
			if (next < 0) {
				return line + "<end>";
			}
			if (next != '\r') {
				line.append((char) next);
			}
		}
		return line.toString();
	}

	/** Sends a line and has it back, so that all of it has been seen. */
	private static void exchange(Socket peer, String line) throws IOException {
		send(peer, line);
		assertThat(receive(peer)).isEqualTo(line);
	}

	private static long count(TestGateway gateway, String bean, HeartbeatResult result) {
		return gateway.bean(bean, Liveness.class).count(result);
	}

	private static ConnectionInfo only(TestGateway gateway) {
		return gateway.registry().stream().findFirst().orElseThrow();
	}

	@Test
	void silentClientIsProbedAndThenClosed() throws IOException {
		TestGateway gateway = withHeartbeats();
		Socket peer = connect(gateway, "a");
		exchange(peer, "data");
		assertThat(only(gateway).state()).isEqualTo(ConnectionState.ALIVE);
		for (int probe = 0; probe < 3; probe++) {
			pass(gateway, INTERVAL);
			assertThat(receive(peer)).isEqualTo("PING");
			assertThat(only(gateway).state()).isEqualTo(ConnectionState.SILENT);
			assertThat(only(gateway).missedHeartbeats()).isEqualTo(probe);
		}
		assertThat(gateway.closeReasons()).isEmpty();
		pass(gateway, INTERVAL);
		assertThat(receive(peer)).isEqualTo("<end>");
		await().untilAsserted(() -> assertThat(gateway.closeReasons()).containsExactly(CloseReason.HEARTBEAT_MISSED));
		assertThat(count(gateway, "a.liveness", HeartbeatResult.PROBED)).isEqualTo(3);
		assertThat(count(gateway, "a.liveness", HeartbeatResult.MISSED)).isEqualTo(3);
	}

	@Test
	void answerToAProbeIsLifeAndGoesNoFurther() throws IOException {
		TestGateway gateway = withHeartbeats();
		Socket peer = connect(gateway, "a");
		for (int round = 0; round < 5; round++) {
			pass(gateway, INTERVAL);
			assertThat(receive(peer)).isEqualTo("PING");
			send(peer, "PONG 1");
			await().until(() -> only(gateway).state() == ConnectionState.ALIVE);
		}
		exchange(peer, "data");
		assertThat(count(gateway, "a.liveness", HeartbeatResult.ACKNOWLEDGED)).isEqualTo(5);
		assertThat(count(gateway, "a.liveness", HeartbeatResult.MISSED)).isZero();
		await().untilAsserted(() -> assertThat(only(gateway)).as("frames that are no heartbeats")
			.extracting(ConnectionInfo::framesIn, ConnectionInfo::framesOut)
			.containsExactly(1L, 1L));
	}

	@Test
	void anyByteIsLife() throws IOException {
		TestGateway gateway = withHeartbeats("gateway.listeners.a.liveness.handshake-timeout=1m");
		Socket peer = connect(gateway, "a");
		for (int round = 0; round < 5; round++) {
			pass(gateway, INTERVAL);
			assertThat(receive(peer)).isEqualTo("PING");
			// a piece of a frame that never ends
			peer.getOutputStream().write('x');
			await().until(() -> only(gateway).state() != ConnectionState.SILENT);
		}
		assertThat(gateway.closeReasons()).isEmpty();
	}

	@Test
	void heartbeatOfThePeerIsAnsweredHere() throws IOException {
		TestGateway gateway = gateway();
		Socket peer = connect(gateway, "a");
		send(peer, "HELLO 7");
		assertThat(receive(peer)).isEqualTo("WORLD 7");
		exchange(peer, "data");
		assertThat(count(gateway, "a.liveness", HeartbeatResult.ANSWERED)).isEqualTo(1);
		assertThat(only(gateway).framesIn()).isEqualTo(1);
	}

	@Test
	void heartbeatWhoseAnswerCouldNotBeFramedIsAFrameLikeAnyOther() throws IOException {
		TestGateway gateway = gateway("gateway.protocols.sized.framing.type=length-field",
				"gateway.protocols.sized.framing.length-size=1", "gateway.protocols.sized.framing.length-adjustment=-1",
				"gateway.protocols.sized.heartbeat.answer[0].match.hex=0301",
				"gateway.protocols.sized.heartbeat.answer[0].reply.hex=030200",
				"gateway.protocols.sized.heartbeat.answer[0].copy[0].from=2",
				"gateway.protocols.sized.heartbeat.answer[0].copy[0].to=0",
				"gateway.protocols.sized.heartbeat.answer[0].copy[0].size=1", "gateway.listeners.s.port=0",
				"gateway.listeners.s.protocol=sized", "gateway.listeners.s.route.mode=echo");
		Socket peer = connect(gateway, "s");
		peer.getOutputStream().write(new byte[] { 3, 1, 3, 3, 1, 9, 3, 1, 3 });
		assertThat(peer.getInputStream().readNBytes(9)).containsExactly(3, 2, 0, 3, 1, 9, 3, 2, 0);
		assertThat(count(gateway, "s.liveness", HeartbeatResult.ANSWERED)).isEqualTo(2);
	}

	@Test
	void emptyFramesMayBeProbeAndReply() throws IOException {
		TestGateway gateway = gateway("gateway.protocols.quiet.extends=line",
				"gateway.protocols.quiet.heartbeat.probe.text=", "gateway.protocols.quiet.heartbeat.reply.text=",
				"gateway.listeners.q.port=0", "gateway.listeners.q.protocol=quiet",
				"gateway.listeners.q.route.mode=echo", "gateway.listeners.q.liveness.heartbeat-interval=5s");
		Socket peer = connect(gateway, "q");
		exchange(peer, "data");
		for (int round = 1; round <= 5; round++) {
			pass(gateway, INTERVAL);
			assertThat(receive(peer)).isEmpty();
			send(peer, "");
			long acknowledged = round;
			await().until(() -> count(gateway, "q.liveness", HeartbeatResult.ACKNOWLEDGED) == acknowledged);
		}
		exchange(peer, "more data");
		assertThat(only(gateway).framesIn()).isEqualTo(2);
	}

	@Test
	void ignoredEmptyFramesAreLifeAndNoFrames() throws IOException {
		TestGateway gateway = gateway("gateway.protocols.quiet.extends=line",
				"gateway.protocols.quiet.heartbeat.ignore-empty=true",
				"gateway.protocols.quiet.identity.pattern=^ID=(\\w+)", "gateway.listeners.q.port=0",
				"gateway.listeners.q.protocol=quiet", "gateway.listeners.q.route.mode=echo",
				"gateway.listeners.q.liveness.heartbeat-interval=5s", "gateway.listeners.q.liveness.max-missed=2");
		Socket peer = connect(gateway, "q");
		for (int round = 1; round <= 10; round++) {
			pass(gateway, INTERVAL);
			await().until(() -> only(gateway).missedHeartbeats() == 1);
			send(peer, "");
			await().until(() -> only(gateway).state() == ConnectionState.ALIVE);
		}
		exchange(peer, "ID=dev9");
		assertThat(only(gateway).identity()).isEqualTo("dev9");
		assertThat(only(gateway).framesIn()).isEqualTo(1);
		assertThat(count(gateway, "q.liveness", HeartbeatResult.IGNORED)).isEqualTo(10);
		pass(gateway, INTERVAL);
		await().until(() -> only(gateway).missedHeartbeats() == 1);
		pass(gateway, INTERVAL);
		assertThat(receive(peer)).isEqualTo("<end>");
	}

	@Test
	void repliesToNoProbeAreDroppedAndCounted() throws IOException {
		TestGateway gateway = withHeartbeats();
		Socket peer = connect(gateway, "a");
		send(peer, "PONG\r\n".repeat(9_999) + "PONG");
		exchange(peer, "data");
		assertThat(count(gateway, "a.liveness", HeartbeatResult.IGNORED)).isEqualTo(10_000);
		assertThat(count(gateway, "a.liveness", HeartbeatResult.ACKNOWLEDGED)).isZero();
		await().untilAsserted(() -> assertThat(only(gateway).framesIn()).isEqualTo(1));
	}

	@Test
	void heartbeatIsAnsweredWhileTheUpstreamIsDown() throws IOException {
		TestGateway gateway = gateway("gateway.listeners.r.port=0", "gateway.listeners.r.protocol=meter",
				"gateway.listeners.r.route.mode=relay", "gateway.listeners.r.route.upstream=gone",
				"gateway.listeners.r.route.sharing=pipelined", "gateway.listeners.r.route.unchecked=true",
				"gateway.upstreams.gone.endpoints=127.0.0.1:1", "gateway.upstreams.gone.protocol=meter");
		Socket peer = connect(gateway, "r");
		send(peer, "HELLO 8");
		assertThat(receive(peer)).isEqualTo("WORLD 8");
		assertThat(gateway.closeReasons()).isEmpty();
	}

	@Test
	void clientsHeartbeatsAreWaitedForWhereTheProtocolHasNoProbe() throws IOException {
		TestGateway gateway = gateway("gateway.protocols.phone.extends=line",
				"gateway.protocols.phone.heartbeat.answer[0].match.text=BEAT",
				"gateway.protocols.phone.heartbeat.answer[0].reply.text=OK", "gateway.listeners.p.port=0",
				"gateway.listeners.p.protocol=phone", "gateway.listeners.p.route.mode=echo",
				"gateway.listeners.p.liveness.heartbeat-interval=5s", "gateway.listeners.p.liveness.max-missed=2");
		Socket peer = connect(gateway, "p");
		pass(gateway, INTERVAL);
		await().until(() -> only(gateway).missedHeartbeats() == 1);
		send(peer, "BEAT");
		assertThat(receive(peer)).isEqualTo("OK");
		pass(gateway, INTERVAL);
		await().until(() -> only(gateway).missedHeartbeats() == 1);
		pass(gateway, INTERVAL);
		assertThat(receive(peer)).isEqualTo("<end>");
		await().untilAsserted(() -> assertThat(gateway.closeReasons()).containsExactly(CloseReason.HEARTBEAT_MISSED));
	}

	@Test
	void twoGatewaysDoNotAnswerEachOthersAnswersForEver() throws IOException {
		List<String> alike = List.of("gateway.protocols.alike.extends=line",
				"gateway.protocols.alike.heartbeat.probe.text=BEAT",
				"gateway.protocols.alike.heartbeat.reply.text=BEAT",
				"gateway.protocols.alike.heartbeat.answer[0].match.text=BEAT",
				"gateway.protocols.alike.heartbeat.answer[0].reply.text=BEAT");
		TestGateway far = gateway(Stream
			.concat(alike.stream(), Stream.of("gateway.listeners.b.port=0", "gateway.listeners.b.protocol=alike",
					"gateway.listeners.b.route.mode=echo", "gateway.listeners.b.liveness.heartbeat-interval=5s"))
			.toArray(String[]::new));
		TestGateway near = gateway(Stream.concat(alike.stream(),
				Stream.of("gateway.listeners.r.port=0", "gateway.listeners.r.protocol=alike",
						"gateway.listeners.r.route.mode=relay", "gateway.listeners.r.route.upstream=far",
						"gateway.listeners.r.route.sharing=pipelined", "gateway.listeners.r.route.unchecked=true",
						"gateway.upstreams.far.endpoints=127.0.0.1:" + far.port("b"),
						"gateway.upstreams.far.protocol=alike", "gateway.upstreams.far.links.min-idle=1",
						"gateway.upstreams.far.liveness.heartbeat-interval=5s"))
			.toArray(String[]::new));
		Socket peer = connect(near, "r");
		exchange(peer, "data");
		for (int round = 1; round <= 3; round++) {
			pass(near, INTERVAL);
			pass(far, INTERVAL);
			int probes = round;
			await().untilAsserted(() -> {
				long probed = count(near, "far.link-liveness", HeartbeatResult.PROBED)
						+ count(far, "b.liveness", HeartbeatResult.PROBED);
				assertThat(probed).isGreaterThanOrEqualTo(probes);
				assertThat(count(near, "far.link-liveness", HeartbeatResult.ACKNOWLEDGED)
						+ count(far, "b.liveness", HeartbeatResult.ACKNOWLEDGED))
					.isEqualTo(probed);
			});
			// through the same link: every heartbeat before has arrived
			exchange(peer, "data " + round);
		}
		long answered = count(near, "far.link-liveness", HeartbeatResult.ANSWERED)
				+ count(far, "b.liveness", HeartbeatResult.ANSWERED);
		assertThat(answered).isLessThanOrEqualTo(count(near, "far.link-liveness", HeartbeatResult.PROBED)
				+ count(far, "b.liveness", HeartbeatResult.PROBED));
		for (int i = 0; i < 100; i++) {
			exchange(peer, "more " + i);
		}
		assertThat(count(near, "far.link-liveness", HeartbeatResult.ANSWERED)
				+ count(far, "b.liveness", HeartbeatResult.ANSWERED))
			.isEqualTo(answered);
	}

	@Test
	void firstFrameMustComeInTime() throws IOException {
		TestGateway gateway = gateway("gateway.listeners.a.liveness.handshake-timeout=10s");
		Socket quick = connect(gateway, "a");
		exchange(quick, "data");
		Socket slow = connect(gateway, "a");
		slow.getOutputStream().write('x');
		await().until(() -> gateway.registry().count() == 2);
		assertThat(gateway.registry().stream().map(ConnectionInfo::state))
			.containsExactlyInAnyOrder(ConnectionState.ALIVE, ConnectionState.HANDSHAKING);
		pass(gateway, Duration.ofSeconds(10));
		assertThat(receive(slow)).isEqualTo("<end>");
		await().untilAsserted(() -> assertThat(gateway.closeReasons()).containsExactly(CloseReason.HANDSHAKE_TIMEOUT));
		exchange(quick, "more");
	}

	@Test
	void connectionThatWasEndedIsHeldByNoTimer() throws Exception {
		this.flows = AtOnce.class;
		TestGateway gateway = gateway("gateway.listeners.a.liveness.handshake-timeout=2s");
		Socket peer = connect(gateway, "a");
		pass(gateway, Duration.ofSeconds(2));
		assertThat(receive(peer)).isEqualTo("<end>");
		await().until(() -> gateway.registry().count() == 0);
		EventLoop loop = gateway.bean(EventLoops.class).preferred();
		assertThat(loop.submit(gateway.bean(TimerWheels.class).of(loop)::armed).get()).isZero();
	}

	@Test
	void connectionThatWasTakenOverIsCutAfterHalfAMinuteThoughItsFlowHangs() throws IOException {
		this.flows = HangingFlow.class;
		TestGateway gateway = gateway("gateway.listeners.h.port=0", "gateway.listeners.h.protocol=meter",
				"gateway.listeners.h.route.mode=channel", "gateway.listeners.h.takeover=close-old");
		Socket older = connect(gateway, "h");
		send(older, "ID=m42");
		await().until(() -> gateway.bean(WorkerPool.class).active() == 1);
		// no other timer of it is left
		pass(gateway, Duration.ofSeconds(11));
		Socket newer = connect(gateway, "h");
		send(newer, "ID=m42");
		await().until(() -> gateway.bean(WorkerPool.class).active() == 2);
		pass(gateway, Duration.ofSeconds(31));
		await().untilAsserted(() -> assertThat(gateway.closeReasons()).containsExactly(CloseReason.TAKEN_OVER));
		gateway.bean(CountDownLatch.class).countDown();
		assertThat(receive(older)).isEqualTo("<end>");
	}

	@Test
	void firstFrameMustComeWithinTenSecondsUnlessToldOtherwise() throws IOException {
		TestGateway gateway = gateway();
		Socket silent = connect(gateway, "a");
		await().until(() -> gateway.registry().count() == 1);
		pass(gateway, Duration.ofSeconds(10));
		assertThat(receive(silent)).isEqualTo("<end>");
		await().untilAsserted(() -> assertThat(gateway.closeReasons()).containsExactly(CloseReason.HANDSHAKE_TIMEOUT));
	}

	@Test
	void frameMustBeWholeWithinThirtySecondsOfItsFirstByte() throws IOException {
		TestGateway gateway = gateway();
		Socket quick = connect(gateway, "a");
		exchange(quick, "data");
		Socket slow = connect(gateway, "a");
		exchange(slow, "data");
		long before = bytesIn(gateway);
		slow.getOutputStream().write('x');
		await().until(() -> bytesIn(gateway) == before + 1);
		pass(gateway, Duration.ofSeconds(29));
		slow.getOutputStream().write('y');
		await().until(() -> bytesIn(gateway) == before + 2);
		pass(gateway, Duration.ofSeconds(1));
		assertThat(receive(slow)).isEqualTo("<end>");
		await().untilAsserted(() -> assertThat(gateway.closeReasons()).containsExactly(CloseReason.FRAME_TIMEOUT));
		exchange(quick, "more");
	}

	@Test
	void eachFrameHasItsOwnTime() throws IOException {
		TestGateway gateway = gateway();
		Socket peer = connect(gateway, "a");
		peer.getOutputStream().write('a');
		await().until(() -> bytesIn(gateway) == 1);
		for (int n = 1; n <= 4; n++) {
			pass(gateway, Duration.ofSeconds(9));
			peer.getOutputStream().write(("\n" + n).getBytes(StandardCharsets.US_ASCII));
			assertThat(receive(peer)).isEqualTo((n == 1) ? "a" : String.valueOf(n - 1));
		}
		send(peer, "b");
		assertThat(receive(peer)).isEqualTo("4b");
		assertThat(gateway.closeReasons()).isEmpty();
	}

	private static long bytesIn(TestGateway gateway) {
		return gateway.registry().stream().mapToLong(ConnectionInfo::bytesIn).sum();
	}

	@Test
	void heartbeatsAloneAreIdleness() throws IOException {
		TestGateway gateway = withHeartbeats("gateway.listeners.a.liveness.idle-timeout=12s");
		Socket peer = connect(gateway, "a");
		exchange(peer, "data");
		for (int round = 0; round < 2; round++) {
			pass(gateway, INTERVAL);
			assertThat(receive(peer)).isEqualTo("PING");
			send(peer, "PONG");
			await().until(() -> only(gateway).state() == ConnectionState.ALIVE);
		}
		pass(gateway, Duration.ofSeconds(2));
		assertThat(receive(peer)).isEqualTo("<end>");
		await().untilAsserted(() -> assertThat(gateway.closeReasons()).containsExactly(CloseReason.IDLE_TIMEOUT));
	}

	@Test
	void oldConnectionLeavesAtAFramesBoundaryWithAGoodbye() throws IOException {
		TestGateway gateway = gateway("gateway.listeners.a.liveness.max-age=1h",
				"gateway.listeners.a.liveness.handshake-timeout=1d", "gateway.listeners.a.liveness.frame-timeout=1d");
		Socket peer = connect(gateway, "a");
		exchange(peer, "data");
		peer.getOutputStream().write("half".getBytes(StandardCharsets.US_ASCII));
		await().until(() -> only(gateway).bytesIn() > "data\r\n".length());
		pass(gateway, Duration.ofHours(1));
		await().until(() -> only(gateway).state() == ConnectionState.DRAINING);
		send(peer, " and half");
		assertThat(receive(peer)).isEqualTo("half and half");
		assertThat(receive(peer)).isEqualTo("BYE");
		assertThat(receive(peer)).isEqualTo("<end>");
		assertThat(gateway.closeReasons()).as("until the peer has closed too").isEmpty();
		peer.close();
		await().untilAsserted(() -> assertThat(gateway.closeReasons()).containsExactly(CloseReason.MAX_AGE));
	}

	@Test
	void oldConnectionThatNeverGetsToABoundaryIsCutAfterHalfAMinute() throws IOException {
		TestGateway gateway = gateway("gateway.listeners.a.liveness.max-age=1h",
				"gateway.listeners.a.liveness.handshake-timeout=1d", "gateway.listeners.a.liveness.frame-timeout=1d");
		Socket peer = connect(gateway, "a");
		peer.getOutputStream().write("half".getBytes(StandardCharsets.US_ASCII));
		await().until(() -> gateway.registry().count() == 1 && only(gateway).bytesIn() == 4);
		pass(gateway, Duration.ofHours(1));
		await().until(() -> only(gateway).state() == ConnectionState.DRAINING);
		pass(gateway, Duration.ofSeconds(30));
		await().untilAsserted(() -> assertThat(gateway.closeReasons()).containsExactly(CloseReason.MAX_AGE));
	}

	@Test
	void identityIsShown() throws IOException {
		TestGateway gateway = gateway();
		Socket peer = connect(gateway, "a");
		exchange(peer, "data");
		assertThat(only(gateway).identity()).isNull();
		exchange(peer, "ID=m42");
		assertThat(only(gateway).identity()).isEqualTo("m42");
		exchange(peer, "ID=other");
		assertThat(only(gateway).identity()).isEqualTo("m42");
	}

	@Test
	void newerConnectionOfAnIdentityTakesOver() throws IOException {
		TestGateway gateway = gateway("gateway.listeners.a.takeover=close-old");
		Socket older = connect(gateway, "a");
		exchange(older, "ID=m42");
		Socket newer = connect(gateway, "a");
		exchange(newer, "ID=m42");
		assertThat(receive(older)).isEqualTo("<end>");
		await().untilAsserted(() -> assertThat(gateway.closeReasons()).containsExactly(CloseReason.TAKEN_OVER));
		exchange(newer, "data");
		Socket another = connect(gateway, "a");
		exchange(another, "ID=m43");
		exchange(newer, "more");
	}

	@Test
	void newerConnectionOfAnIdentityIsRefusedUntilTheOlderIsGone() throws IOException {
		TestGateway gateway = gateway("gateway.listeners.a.takeover=refuse-new");
		Socket older = connect(gateway, "a");
		exchange(older, "ID=m42");
		Socket newer = connect(gateway, "a");
		send(newer, "ID=m42");
		assertThat(receive(newer)).isEqualTo("<end>");
		await().untilAsserted(() -> assertThat(gateway.closeReasons()).containsExactly(CloseReason.IDENTITY_IN_USE));
		exchange(older, "data");
		older.close();
		await().until(() -> gateway.registry().count() == 0);
		exchange(connect(gateway, "a"), "ID=m42");
	}

	/** On a transport that closes sockets at once. */
	static class AtOnce extends MovedTime {

		@Bean
		@Primary
		@Override
		EventLoops movedEventLoops(Time time, Clock clock) {
			return new EventLoops(Transport.NIO, 1, clock, time::nanos);
		}

	}

	/** Works on each frame until the test allows it to go on. */
	static class HangingFlow extends MovedTime {

		@Bean
		CountDownLatch latch() {
			return new CountDownLatch(1);
		}

		@Bean
		IntegrationFlow hanging(CountDownLatch latch) {
			return IntegrationFlow.from("h.frames").<byte[]>filter((frame) -> passes(latch)).channel("h.replies").get();
		}

		private static boolean passes(CountDownLatch latch) {
			try {
				return latch.await(30, TimeUnit.SECONDS);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				return false;
			}
		}

	}

}
