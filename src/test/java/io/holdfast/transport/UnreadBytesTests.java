package io.holdfast.transport;

import java.io.IOException;
import java.net.Socket;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.holdfast.framing.Line;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.integration.ip.tcp.connection.TcpConnectionOpenEvent;
import org.springframework.scheduling.concurrent.SimpleAsyncTaskScheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * What other threads than the loop see of bytes that have come and were not taken.
 */
@ParameterizedClass
@EnumSource(Transport.class)
class UnreadBytesTests {

	private final EventLoops loops;

	private final NettyServerConnectionFactory server;

	private final SimpleAsyncTaskScheduler scheduler = new SimpleAsyncTaskScheduler();

	private final BlockingQueue<NettyTcpConnection> accepted = new LinkedBlockingQueue<>();

	private final AtomicInteger frames = new AtomicInteger();

	UnreadBytesTests(Transport transport) {
		assumeTrue(transport.isAvailable(), () -> transport + " cannot be had here");
		this.loops = new EventLoops(transport, 1, Clock.systemUTC(), System::nanoTime);
		this.server = new NettyServerConnectionFactory(0, this.loops);
	}

	@BeforeEach
	void start() {
		this.server.setFraming(new Line(Line.Ending.LF, 65536));
		this.server.setDelivery(Delivery.EVENT_LOOP);
		this.server.setTaskScheduler(this.scheduler);
		this.server.setApplicationEventPublisher((event) -> {
			if (event instanceof TcpConnectionOpenEvent open) {
				this.accepted.add((NettyTcpConnection) open.getSource());
			}
		});
		this.server.registerListener((message) -> this.frames.incrementAndGet());
		this.server.start();
	}

	@AfterEach
	void stop() {
		this.server.stop();
		this.loops.close();
		this.scheduler.close();
	}

	@Test
	void partOfAFrameIsUnreadUntilItsRestHasCome() throws Exception {
		try (RawPeer peer = connect()) {
			NettyTcpConnection connection = connection();
			assertThat(connection.onLoop().hasUnread()).isFalse();
			peer.write("half");
			await().until(() -> connection.onLoop().hasUnread() && connection.hasPending());
			peer.write(" a frame\n");
			await().until(() -> !connection.onLoop().hasUnread() && !connection.hasPending());
			peer.write("half");
			await().until(() -> connection.onLoop().hasUnread());
			connection.close();
			await().until(() -> !connection.hasPending());
		}
	}

	@Test
	void framesThatNobodyTakesYetAreUnread() throws Exception {
		try (RawPeer peer = connect()) {
			NettyTcpConnection connection = connection();
			peer.write("it is read\n");
			await().until(() -> this.frames.get() == 1);
			connection.eventLoop().submit(connection.onLoop()::pauseReading).get();
			peer.write("one\ntwo\n");
			await().until(() -> connection.onLoop().hasUnread());
			connection.onLoop().run(connection.onLoop()::resumeReading);
			await().until(() -> !connection.onLoop().hasUnread());
			assertThat(this.frames).hasValue(3);
		}
	}

	@Test
	void endOfTheStreamIsUnreadWhileItIsHeld() throws Exception {
		try (RawPeer peer = connect()) {
			NettyTcpConnection connection = connection();
			connection.onLoop().run(() -> connection.onLoop().holdEnd(true));
			await().until(connection::hasPending);
			peer.finish();
			await().until(() -> connection.onLoop().hasUnread());
			connection.onLoop().run(() -> connection.onLoop().holdEnd(false));
			await().until(() -> !connection.hasPending());
		}
	}

	private RawPeer connect() throws IOException {
		int port = this.server.awaitListening(Duration.ofSeconds(10)).getPort();
		return new RawPeer(new Socket(DropInRig.LOOPBACK, port));
	}

	private NettyTcpConnection connection() throws InterruptedException {
		return Objects.requireNonNull(this.accepted.poll(10, TimeUnit.SECONDS));
	}

}
