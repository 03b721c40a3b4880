package io.holdfast.transport;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

@ParameterizedClass
@EnumSource(Transport.class)
class DepartureTests {

	private static final String LINE = "-".repeat(1000);

	/** More than the kernel takes while the peer does not read. */
	private static final int LINES = 20_000;

	private final LoopServer server;

	/** Gets its own lines back. */
	private volatile @Nullable NettyTcpConnection connection;

	DepartureTests(Transport transport) {
		this.server = new LoopServer(transport, 1);
	}

	@BeforeEach
	void start() {
		this.server.factory().setOutputLimits(new OutputLimits(2 * LINES * LINE.length(), Duration.ofSeconds(10)));
		this.server.factory().setGoodbye("bye".getBytes(StandardCharsets.US_ASCII));
		this.server.start((message) -> {
			NettyTcpConnection connection = this.connection;
			if (connection != null && message.getPayload() instanceof byte[] line) {
				connection.onLoop().offer(line);
			}
		});
	}

	@AfterEach
	void stop() {
		this.server.close();
	}

	private NettyTcpConnection accept() throws InterruptedException {
		return Objects.requireNonNull(this.server.accepted().poll(10, TimeUnit.SECONDS));
	}

	@Test
	void whatTheSystemHadReceivedIsStillAnswered() throws Exception {
		try (RawPeer peer = new RawPeer(new Socket(DropInRig.LOOPBACK, this.server.port()))) {
			NettyTcpConnection leaving = accept();
			this.connection = leaving;
			assertThat(peer.write("first\n").readLine()).isEqualTo("first");
			BusyLoop.during(leaving.eventLoop(), () -> {
				leaving.leave();
				// the loop hears of these after the departure
				peer.write("one\ntwo\nthr");
			});
			assertThat(peer.read(8)).isEqualTo("one\ntwo\n");
			assertThat(peer.write("ee\nfour\n").read(10)).isEqualTo("three\nbye\n");
			assertThat(peer.isAtEnd()).isTrue();
		}
	}

	@Test
	void framesThatWaitForReadingAreStillTaken() throws Exception {
		try (RawPeer peer = new RawPeer(new Socket(DropInRig.LOOPBACK, this.server.port()))) {
			NettyTcpConnection leaving = accept();
			this.connection = leaving;
			leaving.eventLoop().submit(leaving.onLoop()::pauseReading).get();
			peer.write("one\ntwo\n");
			leaving.leave();
			await().until(leaving::isLeaving);
			leaving.onLoop().run(leaving.onLoop()::resumeReading);
			assertThat(peer.read(12)).isEqualTo("one\ntwo\nbye\n");
			assertThat(peer.isAtEnd()).isTrue();
		}
	}

	@Test
	void peerThatDoesNotStopSendingIsLeftAllTheSame() throws Exception {
		try (Socket socket = new Socket(DropInRig.LOOPBACK, this.server.port())) {
			NettyTcpConnection leaving = accept();
			this.connection = leaving;
			Thread flood = new Thread(() -> flood(socket));
			flood.start();
			await().until(() -> leaving.handler().input().framesIn() > 1000);
			leaving.leave();
			assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII)).endsWith("bye\n");
			socket.shutdownOutput();
			flood.join();
		}
	}

	private static void flood(Socket socket) {
		byte[] lines = "line\n".repeat(1000).getBytes(StandardCharsets.US_ASCII);
		try {
			while (!socket.isOutputShutdown()) {
				socket.getOutputStream().write(lines);
			}
		}
		catch (IOException ex) {
			// the server has gone
		}
	}

	@Test
	void peerThatEndsFirstStillGetsAllThatWasSent() throws Exception {
		int port = this.server.port();
		try (Socket socket = new Socket(DropInRig.LOOPBACK, port)) {
			socket.setSoTimeout(10_000);
			NettyTcpConnection connection = accept();
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
