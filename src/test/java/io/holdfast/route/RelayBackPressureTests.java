package io.holdfast.route;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

import io.holdfast.connection.CloseReason;
import io.holdfast.testing.FrameClients;
import io.holdfast.testing.NumberedFrame;
import io.holdfast.testing.Scripts;
import io.holdfast.testing.UpstreamServer;
import io.holdfast.transport.EventLoops;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Whoever takes nothing holds up those that feed it, and nobody else, and memory stays
 * within its bounds.
 */
class RelayBackPressureTests {

	private static final int PUMPS = 200;

	private static final int FRAME = 64 * 1024 - 64;

	/** What a client that is not read, and a link of its own, may hold at most. */
	private static final long BYTES_PER_CLIENT = 8L * 64 * 1024;

	private static final long PUMPING_MILLIS = Long.getLong("holdfast.pumping-millis", 5000);

	@ParameterizedTest
	@EnumSource
	void upstreamThatDoesNotReadStopsItsClientsAndMemoryStaysFlat(Sharing sharing) throws Exception {
		try (UpstreamServer server = UpstreamServer.start(Scripts.notReading());
				RelayRig rig = RelayRig.start(sharing, List.of(server.port()), "links.acquire-timeout=10m",
						"route.reply-timeout=10m", "links.send-timeout=10m",
						"links.max=" + ((sharing == Sharing.DEDICATED) ? PUMPS : 4));
				Pumps pumps = new Pumps(rig)) {
			AtomicLong most = new AtomicLong();
			AtomicLong before = new AtomicLong(-1);
			EventLoops loops = rig.gateway().bean(EventLoops.class);
			await().atMost(Duration.ofMillis(PUMPING_MILLIS + 60_000))
				.during(Duration.ofMillis(PUMPING_MILLIS))
				.pollInterval(Duration.ofMillis(100))
				.until(() -> {
					most.accumulateAndGet(loops.usedBufferBytes(), Math::max);
					long sent = pumps.sent();
					return before.getAndSet(sent) == sent && sent > 0;
				});
			assertThat(most.get()).as("buffers, with %d bytes sent", pumps.sent())
				.isLessThan(PUMPS * BYTES_PER_CLIENT + 64L * 1024 * 1024);
			assertThat(rig.gateway().closeReasons()).isEmpty();
			assertThat(rig.gateway().registry().count()).isEqualTo(PUMPS);
		}
	}

	@Test
	void linkThatTakesNothingForTheSendTimeoutIsGivenUp() throws IOException {
		try (UpstreamServer server = UpstreamServer.start(Scripts.notReading());
				RelayRig rig = RelayRig.start(Sharing.DEDICATED, List.of(server.port()), "links.send-timeout=100ms")) {
			pump(rig.connect());
			await().untilAsserted(
					() -> assertThat(rig.gateway().closeReasons()).containsExactly(CloseReason.UPSTREAM_LOST));
			await().until(() -> rig.count(Outcome.LINK_LOST) > 0);
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "PIPELINED", "CORRELATED" })
	void slowClientIsClosedAndTheOthersOnItsLinkGoOn(Sharing sharing) throws IOException {
		try (UpstreamServer server = UpstreamServer.start(Scripts.echo());
				RelayRig rig = RelayRig.start(sharing, List.of(server.port()),
						RelayRig.answeringFailures("limits.max-pending-output=64KB", "links.min-idle=1",
								"links.max=1"));
				FrameClients others = rig.clients(10, 2, sharing)) {
			Socket slow = rig.connect();
			Thread pump = new Thread(() -> pump(slow), "slow client");
			pump.start();
			await().atMost(Duration.ofSeconds(20))
				.untilAsserted(
						() -> assertThat(rig.gateway().closeReasons()).containsExactly(CloseReason.SLOW_CONSUMER));
			long before = others.replied();
			await().untilAsserted(() -> assertThat(others.replied()).isGreaterThan(before + 100));
			others.stop(Duration.ofSeconds(10));
			assertThat(others.failed()).as(others::toString).isZero();
			assertThat(others.wrong()).as(others::toString).isZero();
			rig.awaitThatCountsAddUp();
		}
	}

	private static void pump(Socket client) {
		try {
			OutputStream out = client.getOutputStream();
			for (int sequence = 0;; sequence++) {
				NumberedFrame.write(out, NumberedFrame.content(sequence, Integer.MAX_VALUE, sequence, 16 * 1024));
			}
		}
		catch (IOException ex) {
			// closed, as it should be
		}
	}

	/** Clients that send as fast as they can and read nothing. */
	private static final class Pumps implements AutoCloseable {

		private final List<Socket> sockets = new ArrayList<>();

		private final AtomicLong sent = new AtomicLong();

		Pumps(RelayRig rig) throws IOException {
			for (int client = 0; client < PUMPS; client++) {
				Socket socket = rig.connect();
				this.sockets.add(socket);
				int id = client;
				Thread thread = new Thread(() -> pump(socket, id), "pump " + client);
				thread.setDaemon(true);
				thread.start();
			}
		}

		long sent() {
			return this.sent.get();
		}

		private void pump(Socket socket, int id) {
			try {
				OutputStream out = socket.getOutputStream();
				for (int sequence = 0;; sequence++) {
					NumberedFrame.write(out, NumberedFrame.content(sequence, id, sequence, FRAME));
					this.sent.addAndGet(FRAME);
				}
			}
			catch (IOException ex) {
				// closed at the end of the test
			}
		}

		@Override
		public void close() throws IOException {
			for (Socket socket : this.sockets) {
				socket.close();
			}
		}

	}

}
