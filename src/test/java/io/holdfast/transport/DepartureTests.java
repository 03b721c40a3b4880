package io.holdfast.transport;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

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

@ParameterizedClass
@EnumSource(Transport.class)
class DepartureTests {

	private static final String LINE = "-".repeat(1000);

	/** More than the kernel takes while the peer does not read. */
	private static final int LINES = 20_000;

	private final EventLoops loops;

	private final NettyServerConnectionFactory server;

	private final SimpleAsyncTaskScheduler scheduler = new SimpleAsyncTaskScheduler();

	private final BlockingQueue<NettyTcpConnection> accepted = new LinkedBlockingQueue<>();

	DepartureTests(Transport transport) {
		assumeTrue(transport.isAvailable(), () -> transport + " cannot be had here");
		this.loops = new EventLoops(transport, 1, Clock.systemUTC(), System::nanoTime);
		this.server = new NettyServerConnectionFactory(0, this.loops);
	}

	@BeforeEach
	void start() {
		this.server.setFraming(new Line(Line.Ending.LF, 2048));
		this.server.setDelivery(Delivery.EVENT_LOOP);
		this.server.setOutputLimits(new OutputLimits(2 * LINES * LINE.length(), Duration.ofSeconds(10)));
		this.server.setGoodbye("bye".getBytes(StandardCharsets.US_ASCII));
		this.server.setTaskScheduler(this.scheduler);
		this.server.setApplicationEventPublisher((event) -> {
			if (event instanceof TcpConnectionOpenEvent open) {
				this.accepted.add((NettyTcpConnection) open.getSource());
			}
		});
		this.server.registerListener((message) -> {
		});
		this.server.start();
	}

	@AfterEach
	void stop() {
		this.server.stop();
		this.loops.close();
		this.scheduler.close();
	}

	@Test
	void peerThatEndsFirstStillGetsAllThatWasSent() throws Exception {
		int port = this.server.awaitListening(Duration.ofSeconds(10)).getPort();
		try (Socket socket = new Socket(DropInRig.LOOPBACK, port)) {
			socket.setSoTimeout(10_000);
			NettyTcpConnection connection = Objects.requireNonNull(this.accepted.poll(10, TimeUnit.SECONDS));
			byte[] line = LINE.getBytes(StandardCharsets.US_ASCII);
			connection.eventLoop().execute(() -> {
				for (int n = 0; n < LINES; n++) {
					connection.onLoop().offer(line);
				}
			});
			connection.leave();
			await().until(connection::isLeaving);
			socket.shutdownOutput();
			await().until(() -> connection.handler().input().isEnded());
			byte[] all = socket.getInputStream().readAllBytes();
			assertThat(new String(all, StandardCharsets.US_ASCII)).isEqualTo((LINE + "\n").repeat(LINES) + "bye\n");
		}
	}

}
