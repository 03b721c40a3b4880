package io.holdfast.transport;

import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

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

	DepartureTests(Transport transport) {
		this.server = new LoopServer(transport, 1);
	}

	@BeforeEach
	void start() {
		this.server.factory().setOutputLimits(new OutputLimits(2 * LINES * LINE.length(), Duration.ofSeconds(10)));
		this.server.factory().setGoodbye("bye".getBytes(StandardCharsets.US_ASCII));
		this.server.start((message) -> {
		});
	}

	@AfterEach
	void stop() {
		this.server.close();
	}

	@Test
	void peerThatEndsFirstStillGetsAllThatWasSent() throws Exception {
		int port = this.server.port();
		try (Socket socket = new Socket(DropInRig.LOOPBACK, port)) {
			socket.setSoTimeout(10_000);
			NettyTcpConnection connection = Objects.requireNonNull(this.server.accepted().poll(10, TimeUnit.SECONDS));
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
