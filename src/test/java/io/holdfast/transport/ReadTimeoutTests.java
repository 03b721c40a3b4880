package io.holdfast.transport;

import java.net.Socket;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

import io.holdfast.testing.Timers;
import org.junit.jupiter.api.Test;

import static io.holdfast.transport.DropInRig.eventually;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Connections that end long before their read timeout.
 */
class ReadTimeoutTests {

	private static final int ROUNDS = 100;

	@Test
	void connectionThatHasEndedIsHeldByNoTimer() throws Exception {
		try (LoopServer server = new LoopServer(Transport.best(), 1)) {
			server.factory().setSoTimeout((int) TimeUnit.HOURS.toMillis(1));
			server.start((message) -> {
			});
			int port = server.port();
			long before = Timers.count();
			for (int round = 0; round < ROUNDS; round++) {
				try (Socket peer = new Socket(DropInRig.LOOPBACK, port)) {
					assertThat(peer.isConnected()).isTrue();
					assertThat(Objects.requireNonNull(server.accepted().poll(10, TimeUnit.SECONDS)).isServer())
						.isTrue();
				}
			}
			eventually(() -> assertThat(Timers.count()).isLessThan(before + ROUNDS / 10));
		}
	}

}
