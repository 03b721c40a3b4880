package io.holdfast.connection;

import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Stream;

import io.holdfast.framing.LengthField;
import io.holdfast.framing.Line;
import io.holdfast.transport.NettyTcpConnection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.integration.ip.tcp.connection.TcpConnectionCloseEvent;
import org.springframework.integration.ip.tcp.connection.TcpConnectionEvent;
import org.springframework.integration.ip.tcp.connection.TcpConnectionExceptionEvent;
import org.springframework.integration.ip.tcp.connection.TcpConnectionInterceptorSupport;
import org.springframework.integration.ip.tcp.connection.TcpConnectionOpenEvent;
import org.springframework.integration.ip.tcp.connection.TcpConnectionSupport;
import org.springframework.messaging.MessagingException;
import org.springframework.messaging.support.GenericMessage;

import static java.nio.ByteOrder.BIG_ENDIAN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

@ExtendWith(OutputCaptureExtension.class)
class ConnectionRegistryTests {

	private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

	private final ManualClock clock = new ManualClock(START);

	private final ConnectionRegistry registry = new ConnectionRegistry(this.clock, Set.of("echo", "frames"));

	private final List<ConnectionEvent> events = new CopyOnWriteArrayList<>();

	private final List<TestServer> servers = new ArrayList<>();

	@AfterEach
	void close() {
		this.servers.forEach(TestServer::close);
	}

	@Test
	void openConnectionCanBeFoundListedAndCounted() throws IOException {
		TestServer echo = server("echo.server");
		NettyTcpConnection a = echo.connect();
		NettyTcpConnection b = server("frames.server").connect();
		echo.clientOf(a).getOutputStream().write("one\ntwo\n".getBytes(StandardCharsets.US_ASCII));
		await().untilAsserted(() -> assertThat(find(a).framesIn()).isEqualTo(2));
		ConnectionInfo info = find(a);
		assertThat(info.id()).isEqualTo(a.getConnectionId());
		assertThat(info.listener()).isEqualTo("echo");
		assertThat(info.remoteAddress()).isEqualTo(echo.clientOf(a).getLocalSocketAddress());
		assertThat(info.localAddress()).isEqualTo(echo.clientOf(a).getRemoteSocketAddress());
		assertThat(info.since()).isEqualTo(START);
		assertThat(info.bytesIn()).isEqualTo(8);
		assertThat(info.lastFrameIn()).isNotNull();
		assertThat(info.lastFrameOut()).isNull();
		assertThat(info.tls()).isNull();
		assertThat(this.registry.stream()).extracting(ConnectionInfo::id)
			.containsExactlyInAnyOrder(a.getConnectionId(), b.getConnectionId());
		assertThat(this.registry.count()).isEqualTo(2);
		assertThat(this.registry.count("echo")).isEqualTo(1);
		assertThat(this.registry.count("unknown")).isZero();
	}

	@Test
	void closedConnectionIsGone() {
		NettyTcpConnection connection = server("echo.server").connect();
		connection.close();
		await().until(() -> this.registry.find(connection.getConnectionId()).isEmpty());
		await().untilAsserted(this::assertNothingIsLeft);
	}

	@Test
	void observersHearOfOpeningAndClosing() throws IOException {
		this.registry.observe(this.events::add);
		TestServer server = server("echo.server");
		NettyTcpConnection connection = server.connect();
		this.clock.advance(Duration.ofSeconds(90));
		server.clientOf(connection).getOutputStream().write("one\n".getBytes(StandardCharsets.US_ASCII));
		server.clientOf(connection).close();
		await().until(() -> this.events.size() == 2);
		assertThat(this.events.get(0)).isInstanceOf(ConnectionEvent.Opened.class);
		assertThat(this.events.get(1)).isInstanceOfSatisfying(ConnectionEvent.Closed.class, (closed) -> {
			assertThat(closed.reason()).isEqualTo(CloseReason.PEER_CLOSED);
			assertThat(closed.lifetime()).isEqualTo(Duration.ofSeconds(90));
			assertThat(closed.connection().framesIn()).isEqualTo(1);
			assertThat(closed.connection().remoteAddress()).isEqualTo(this.events.get(0).connection().remoteAddress());
		});
	}

	@Test
	void peerThatClosesInMidFrameHasClosed() throws IOException {
		this.registry.observe(this.events::add);
		TestServer server = server("echo.server");
		NettyTcpConnection connection = server.connect();
		server.clientOf(connection).getOutputStream().write('x');
		server.clientOf(connection).close();
		await().untilAsserted(() -> assertThat(reasons()).containsExactly(CloseReason.PEER_CLOSED));
	}

	@Test
	void peerThatBreaksOffHasReset() throws IOException {
		this.registry.observe(this.events::add);
		TestServer server = server("echo.server");
		NettyTcpConnection connection = server.connect();
		server.clientOf(connection).setSoLinger(true, 0);
		server.clientOf(connection).close();
		await().untilAsserted(() -> assertThat(reasons()).containsExactly(CloseReason.PEER_RESET));
	}

	@Test
	void frameBeyondTheLimitIsTooLong() throws IOException {
		this.registry.observe(this.events::add);
		TestServer server = server("echo.server");
		NettyTcpConnection connection = server.connect();
		server.clientOf(connection).getOutputStream().write(new byte[100]);
		await().untilAsserted(() -> assertThat(reasons()).containsExactly(CloseReason.FRAME_TOO_LONG));
	}

	@Test
	void bytesThatAreNoFrameAreMalformed() throws IOException {
		this.registry.observe(this.events::add);
		TestServer server = new TestServer("echo.server", new LengthField(0, 2, -2, 0, BIG_ENDIAN, 100),
				this.registry::onApplicationEvent);
		this.servers.add(server);
		NettyTcpConnection connection = server.connect();
		server.clientOf(connection).getOutputStream().write(new byte[] { 0, 1 });
		await().untilAsserted(() -> assertThat(reasons()).containsExactly(CloseReason.MALFORMED_FRAME));
	}

	@Test
	void peerThatDoesNotReadIsASlowConsumer() throws IOException {
		this.registry.observe(this.events::add);
		TestServer server = server("echo.server");
		NettyTcpConnection connection = server.connect();
		server.sendOnEveryFrame(new byte[16], 1_000_000);
		server.clientOf(connection).getOutputStream().write('\n');
		await().untilAsserted(() -> assertThat(reasons()).containsExactly(CloseReason.SLOW_CONSUMER));
	}

	@Test
	void peerThatDoesNotReadFromABlockedSenderIsASlowConsumer() {
		this.registry.observe(this.events::add);
		NettyTcpConnection connection = server("echo.server").connect();
		GenericMessage<byte[]> frame = new GenericMessage<>(new byte[16]);
		assertThatExceptionOfType(MessagingException.class).isThrownBy(() -> {
			for (int i = 0; i < 1_000_000; i++) {
				connection.send(frame);
			}
		});
		await().untilAsserted(() -> assertThat(reasons()).containsExactly(CloseReason.SLOW_CONSUMER));
	}

	@Test
	void firstReasonWins() {
		this.registry.observe(this.events::add);
		TestServer server = server("echo.server");
		NettyTcpConnection connection = server.connect();
		assertThat(this.registry.close(connection.getConnectionId(), CloseReason.MAX_AGE)).isTrue();
		assertThat(this.registry.close(connection.getConnectionId(), CloseReason.KILLED)).isFalse();
		assertThat(connection.isOpen()).isFalse();
		await().untilAsserted(() -> assertThat(reasons()).containsExactly(CloseReason.MAX_AGE));
	}

	@Test
	void connectionThatIsLeavingCanBeClosedAndKeepsTheReasonItLeftFor() throws IOException {
		this.registry.observe(this.events::add);
		TestServer server = server("echo.server");
		NettyTcpConnection connection = server.connect();
		// it leaves once this frame has come
		server.clientOf(connection).getOutputStream().write('x');
		await().until(() -> this.registry.hasPending(connection.getConnectionId()));
		assertThat(this.registry.leave(connection.getConnectionId(), CloseReason.DRAINED)).isTrue();
		await().until(() -> find(connection).state() == ConnectionState.DRAINING);
		assertThat(this.registry.close(connection.getConnectionId(), CloseReason.KILLED)).isTrue();
		assertThat(this.registry.close(connection.getConnectionId(), CloseReason.KILLED)).isFalse();
		assertNothingIsLeft();
		await().untilAsserted(() -> assertThat(reasons()).containsExactly(CloseReason.DRAINED));
		assertThat(server.clientOf(connection).getInputStream().read()).isEqualTo(-1);
	}

	@Test
	void closeOfAnUnknownConnectionIsFalse() {
		assertThat(this.registry.close("a", CloseReason.KILLED)).isFalse();
	}

	@Test
	void closeWithoutAReasonOrACauseIsTheApplications() {
		this.registry.observe(this.events::add);
		server("echo.server").connect().close();
		await().untilAsserted(() -> assertThat(reasons()).containsExactly(CloseReason.KILLED));
	}

	@Test
	void connectionsOfOtherFactoriesAreIgnored() {
		Stream.of("echo", "outside.server", "echo.client").forEach((name) -> server(name).connect());
		assertNothingIsLeft();
	}

	@Test
	void otherEventsAreIgnored() {
		NettyTcpConnection connection = server("echo.server").connect();
		this.registry
			.onApplicationEvent(new TcpConnectionExceptionEvent(connection, "echo.server", new EOFException()));
		assertThat(this.registry.count()).isEqualTo(1);
	}

	@Test
	void interceptorsAreLookedThrough() {
		NettyTcpConnection connection = silentServer().connect();
		Interceptor outer = new Interceptor(new Interceptor(connection));
		this.registry.onApplicationEvent(new TcpConnectionOpenEvent(outer, "echo.server"));
		assertThat(this.registry.find(connection.getConnectionId())).isPresent();
		this.registry.onApplicationEvent(new TcpConnectionCloseEvent(outer, "echo.server"));
		assertNothingIsLeft();
	}

	@Test
	void closeToldBeforeTheOpeningLeavesNothingBehind() {
		this.registry.observe(this.events::add);
		NettyTcpConnection connection = silentServer().connect();
		connection.close();
		this.registry.onApplicationEvent(new TcpConnectionCloseEvent(connection, "echo.server"));
		this.registry.onApplicationEvent(new TcpConnectionOpenEvent(connection, "echo.server"));
		assertNothingIsLeft();
		assertThat(this.events).hasExactlyElementsOfTypes(ConnectionEvent.Opened.class, ConnectionEvent.Closed.class);
	}

	@Test
	void eventsToldTwiceCountOnce() {
		this.registry.observe(this.events::add);
		NettyTcpConnection connection = server("echo.server").connect();
		this.registry.onApplicationEvent(new TcpConnectionOpenEvent(connection, "echo.server"));
		assertThat(this.registry.count()).isEqualTo(1);
		connection.close();
		this.registry.onApplicationEvent(new TcpConnectionCloseEvent(connection, "echo.server"));
		assertNothingIsLeft();
		assertThat(this.events).hasExactlyElementsOfTypes(ConnectionEvent.Opened.class, ConnectionEvent.Closed.class);
	}

	@Test
	void observerMayCloseTheConnectionThatIsOpening() {
		this.registry.observe((event) -> this.registry.close(event.connection().id(), CloseReason.RATE_LIMITED));
		this.registry.observe(this.events::add);
		server("echo.server").connect();
		assertThat(this.events).hasExactlyElementsOfTypes(ConnectionEvent.Opened.class, ConnectionEvent.Closed.class);
		await().untilAsserted(() -> assertThat(reasons()).containsExactly(CloseReason.RATE_LIMITED));
		assertNothingIsLeft();
	}

	@Test
	void observerThatThrowsIsLoggedOnceAndHurtsNobody(CapturedOutput output) {
		this.registry.observe((event) -> {
			throw new IllegalStateException("broken");
		});
		this.registry.observe(this.events::add);
		TestServer server = server("echo.server");
		NettyTcpConnection first = server.connect();
		first.close();
		server.connect().close();
		await().until(() -> this.events.size() == 4);
		assertThat(output.getAll().lines().filter((line) -> line.contains("observer '"))).singleElement()
			.asString()
			.contains("failed at connection '" + first.getConnectionId()
					+ "', not logged again: java.lang.IllegalStateException: broken");
		assertThat(output).doesNotContain("\tat ");
	}

	@Test
	void openingAndClosingAtOnceEndsInOneOfEachAndLeavesNothingBehind() throws Exception {
		int rounds = 400;
		Map<String, List<ConnectionEvent>> seen = new ConcurrentHashMap<>();
		this.registry
			.observe((event) -> seen.computeIfAbsent(event.connection().id(), (id) -> new ArrayList<>()).add(event));
		// closings are told by the transport, openings by the test, at the same moment
		TestServer server = new TestServer("echo.server", new Line(Line.Ending.ANY, 16), (event) -> {
			if (event instanceof TcpConnectionCloseEvent) {
				this.registry.onApplicationEvent(event);
			}
		});
		this.servers.add(server);
		List<NettyTcpConnection> connections = Stream.generate(server::connect).limit(rounds).toList();
		ExecutorService threads = Executors.newFixedThreadPool(3);
		try {
			CyclicBarrier start = new CyclicBarrier(3);
			List<Future<?>> done = List.of(
					threads.submit(() -> each(start, connections,
							(connection) -> this.registry
								.onApplicationEvent(new TcpConnectionOpenEvent(connection, "echo.server")))),
					threads.submit(() -> each(start, connections, NettyTcpConnection::close)),
					threads.submit(() -> each(start, connections,
							(connection) -> this.registry.close(connection.getConnectionId(), CloseReason.DRAINED))));
			for (Future<?> one : done) {
				one.get(30, TimeUnit.SECONDS);
			}
		}
		finally {
			threads.shutdownNow();
		}
		assertNothingIsLeft();
		assertThat(seen).hasSize(rounds);
		assertThat(seen.values()).allSatisfy((events) -> {
			assertThat(events).hasExactlyElementsOfTypes(ConnectionEvent.Opened.class, ConnectionEvent.Closed.class);
			assertThat(((ConnectionEvent.Closed) events.get(1)).reason()).isIn(CloseReason.KILLED, CloseReason.DRAINED);
		});
	}

	private static void each(CyclicBarrier start, List<NettyTcpConnection> connections,
			Consumer<NettyTcpConnection> action) {
		for (NettyTcpConnection connection : connections) {
			try {
				start.await(10, TimeUnit.SECONDS);
			}
			catch (InterruptedException | BrokenBarrierException | TimeoutException ex) {
				throw new IllegalStateException(ex);
			}
			action.accept(connection);
		}
	}

	private TestServer server(String name) {
		return server(name, this.registry::onApplicationEvent);
	}

	private TestServer silentServer() {
		return server("echo.server", (event) -> {
		});
	}

	private TestServer server(String name, Consumer<TcpConnectionEvent> events) {
		TestServer server = new TestServer(name, new Line(Line.Ending.ANY, 16), events);
		this.servers.add(server);
		return server;
	}

	private ConnectionInfo find(NettyTcpConnection connection) {
		return this.registry.find(connection.getConnectionId()).orElseThrow();
	}

	private void assertNothingIsLeft() {
		assertThat(this.registry.stream()).isEmpty();
		assertThat(this.registry.count()).isZero();
		assertThat(this.registry.count("echo")).isZero();
	}

	private List<CloseReason> reasons() {
		return this.events.stream()
			.filter(ConnectionEvent.Closed.class::isInstance)
			.map((event) -> ((ConnectionEvent.Closed) event).reason())
			.toList();
	}

	private static final class Interceptor extends TcpConnectionInterceptorSupport {

		Interceptor(TcpConnectionSupport connection) {
			setTheConnection(connection);
		}

	}

}
