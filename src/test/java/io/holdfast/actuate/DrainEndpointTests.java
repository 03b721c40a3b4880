package io.holdfast.actuate;

import java.io.IOException;
import java.net.ConnectException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

import io.holdfast.connection.CloseReason;
import io.holdfast.connection.ConnectionState;
import io.holdfast.liveness.MovedTime;
import io.holdfast.testing.TestGateway;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/**
 * The drain of the process, as an operator and its clients see it. Time passes as the
 * test says.
 */
@ExtendWith(OutputCaptureExtension.class)
class DrainEndpointTests {

	private static final Duration TURN = Duration.ofMillis(500);

	private @Nullable Rig running;

	@AfterEach
	void close() {
		if (this.running != null) {
			this.running.close();
		}
	}

	private Rig start(String... settings) {
		Rig rig = new Rig(TestGateway.start(MovedTime.class,
				Stream
					.concat(Stream.of("gateway.protocols.talk.extends=line", "gateway.protocols.talk.goodbye.text=BYE",
							"gateway.listeners.a.port=0", "gateway.listeners.a.protocol=talk",
							"gateway.listeners.a.route.mode=echo", "gateway.listeners.b.port=0",
							"gateway.listeners.b.protocol=line", "gateway.listeners.b.route.mode=echo",
							"gateway.drain.rate=2/s", "gateway.drain.timeout=10s"), Arrays.stream(settings))
					.toArray(String[]::new)));
		this.running = rig;
		return rig;
	}

	@Test
	void servesUntilSomebodyAsks() throws IOException {
		Rig rig = start("gateway.drain.wait=5s");
		rig.connect("a");
		rig.connect("b");
		assertThat(rig.progress()).isEqualTo(new DrainView("serving", 2, 0, 0, 15, 0, 0));
		assertThat(rig.port.status("/health/readiness")).isEqualTo(200);
	}

	@Test
	void waitsThenLetsOneAfterTheOtherGoTheOldestFirst(CapturedOutput output) throws IOException {
		Rig rig = start("gateway.drain.wait=5s");
		int portOfA = rig.gateway.port("a");
		int portOfB = rig.gateway.port("b");
		Socket first = rig.connect("a");
		Socket second = rig.connect("b");
		assertThat(rig.port.postAccepted("/drain", DrainView.class))
			.isEqualTo(new DrainView("waiting", 2, 0, 0, 15, 0, 0));
		assertThat(rig.port.status("/health/readiness")).isEqualTo(503);
		assertThat(rig.port.status("/health/liveness")).isEqualTo(200);
		Socket third = rig.connect("a");
		rig.pass(Duration.ofSeconds(4));
		assertThat(rig.progress()).isEqualTo(new DrainView("waiting", 3, 0, 0, 11, 0, 0));

		rig.pass(Duration.ofSeconds(1));
		assertThat(Lines.receive(first)).isEqualTo("BYE");
		assertThat(Lines.receive(first)).isEqualTo(Lines.END);
		first.close();
		await().untilAsserted(() -> assertThat(rig.progress()).isEqualTo(new DrainView("leaving", 2, 1, 0, 10, 0, 0)));
		rig.assertRefused(portOfA);
		rig.assertRefused(portOfB);
		Lines.exchange(second, "as before");
		Lines.exchange(third, "as before");

		rig.pass(TURN);
		assertThat(Lines.receive(second)).isEqualTo(Lines.END);
		second.close();
		await().untilAsserted(() -> assertThat(rig.progress()).isEqualTo(new DrainView("leaving", 1, 2, 0, 10, 0, 0)));
		Lines.exchange(third, "to the end");
		rig.pass(TURN);
		assertThat(Lines.receive(third)).isEqualTo("BYE");
		assertThat(Lines.receive(third)).isEqualTo(Lines.END);
		third.close();
		await().untilAsserted(() -> assertThat(rig.progress()).isEqualTo(new DrainView("drained", 0, 3, 0, 0, 0, 0)));
		assertThat(rig.gateway.closeReasons()).containsExactly(CloseReason.DRAINED, CloseReason.DRAINED,
				CloseReason.DRAINED);
		assertThat(rig.port.postAccepted("/drain", DrainView.class).phase()).isEqualTo("drained");
		assertThat(rig.port.refusal("/listeners/a", "{\"action\": \"resume\"}")).contains("the process drains");
		assertThat(output.getAll().lines().filter((line) -> line.contains("drain - "))).satisfiesExactly(
				(begun) -> assertThat(begun)
					.contains("begun with 2 connections: accepts for 5.0 s, then 2/s leave, what is left after 10.0 s"),
				(ended) -> assertThat(ended).contains(
						"ended: 3 connections left in order, 0 were cut, 0 of them with something pending, after 1.0 s"));
	}

	@Test
	void stopOfTheApplicationJoinsTheDrainThatIsUnderWay(CapturedOutput output) throws Exception {
		Rig rig = start("gateway.drain.wait=0s");
		Socket first = rig.connect("a");
		Socket second = rig.connect("a");
		rig.port.postAccepted("/drain", DrainView.class);
		assertThat(Lines.receive(first)).isEqualTo("BYE");
		// the context alone: the clients stay
		CompletableFuture<Void> stop = CompletableFuture.runAsync(rig.gateway::stop);
		Lines.exchange(second, "still here");
		assertThat(stop).isNotDone();
		assertThat(rig.progress().phase()).isEqualTo("leaving");
		rig.pass(TURN);
		assertThat(Lines.receive(second)).isEqualTo("BYE");
		first.close();
		second.close();
		stop.join();
		assertThat(output.getAll().lines().filter((line) -> line.contains("drain - "))).hasSize(2);
		assertThat(rig.gateway.closeReasons()).containsExactly(CloseReason.DRAINED, CloseReason.DRAINED);
	}

	@Test
	void whoTakesTooLongIsCutAndCounted() throws Exception {
		Rig rig = start("gateway.drain.wait=0s", "gateway.listeners.a.limits.max-pending-output=64KB");
		Socket calm = rig.connect("a");
		Socket inMidFrame = rig.connect("a");
		inMidFrame.getOutputStream().write("half".getBytes(StandardCharsets.US_ASCII));
		Socket neverReads = rig.connect("a");
		CompletableFuture<Void> sendsWithoutEnd = CompletableFuture
			.runAsync(() -> sendUntilClosed(neverReads, "x".repeat(1000) + "\n"));
		await().untilAsserted(() -> assertThat(rig.progress().pending()).isEqualTo(2));

		rig.port.postAccepted("/drain", DrainView.class);
		assertThat(Lines.receive(calm)).isEqualTo("BYE");
		calm.close();
		await().untilAsserted(
				() -> assertThat(rig.progress()).extracting(DrainView::left, DrainView::closed, DrainView::pending)
					.containsExactly(2, 1, 2));
		rig.pass(TURN);
		rig.awaitLeaving(inMidFrame);
		rig.pass(TURN);
		rig.awaitLeaving(neverReads);
		// one that is told to leave in mid-frame may end its frame
		inMidFrame.getOutputStream().write("way\nmore\n".getBytes(StandardCharsets.US_ASCII));
		assertThat(Lines.receive(inMidFrame)).isEqualTo("halfway");
		assertThat(Lines.receive(inMidFrame)).isEqualTo("BYE");
		assertThat(Lines.receive(inMidFrame)).isEqualTo(Lines.END);
		inMidFrame.close();
		await().until(() -> rig.progress().left() == 1);

		rig.pass(Duration.ofSeconds(10));
		await().untilAsserted(() -> assertThat(rig.progress()).isEqualTo(new DrainView("drained", 0, 3, 0, 0, 1, 1)));
		sendsWithoutEnd.join();
		assertThat(rig.gateway.closes()).isEqualTo(Collections.singletonMap(CloseReason.DRAINED, 3));
	}

	@Test
	void frameThatNeverEndsIsCutAtTheTimeout() throws IOException {
		Rig rig = start("gateway.drain.wait=0s");
		Socket inMidFrame = rig.connect("a");
		inMidFrame.getOutputStream().write("half".getBytes(StandardCharsets.US_ASCII));
		await().until(() -> rig.progress().pending() == 1);
		rig.port.postAccepted("/drain", DrainView.class);
		rig.awaitPhase("leaving");
		rig.pass(Duration.ofMillis(9900));
		assertThat(rig.progress()).isEqualTo(new DrainView("leaving", 1, 0, 1, 1, 0, 0));
		rig.pass(Duration.ofMillis(100));
		await().untilAsserted(() -> assertThat(rig.progress()).isEqualTo(new DrainView("drained", 0, 1, 0, 0, 1, 1)));
	}

	@Test
	void withoutConnectionsItEndsWithTheWait() {
		Rig rig = start("gateway.drain.wait=5s");
		rig.port.postAccepted("/drain", DrainView.class);
		assertThat(rig.progress().phase()).isEqualTo("waiting");
		rig.pass(Duration.ofSeconds(5));
		rig.awaitPhase("drained");
	}

	@Test
	void drainThatIsTakenBackInItsWaitLeavesNothingBehind(CapturedOutput output) throws IOException {
		Rig rig = start("gateway.drain.wait=5s");
		Socket client = rig.connect("a");
		rig.port.postAccepted("/drain", DrainView.class);
		assertThat(rig.port.status("/health/readiness")).isEqualTo(503);
		assertThat(rig.port.command("/drain", "cancel", DrainView.class).phase()).isEqualTo("serving");
		assertThat(rig.port.status("/health/readiness")).isEqualTo(200);
		rig.pass(Duration.ofSeconds(30));
		Lines.exchange(client, "still here");
		rig.connect("b");
		assertThat(rig.progress()).isEqualTo(new DrainView("serving", 2, 0, 0, 15, 0, 0));
		assertThat(rig.port.command("/drain", "cancel", DrainView.class).phase()).isEqualTo("serving");
		assertThat(output.getAll().lines().filter((line) -> line.contains("drain - taken back"))).hasSize(1);
	}

	@Test
	void drainThatIsTakenBackOpensThePortsAndKeepsWhoWasNotTold() throws IOException {
		Rig rig = start("gateway.drain.wait=0s");
		int portOfA = rig.gateway.port("a");
		Socket told = rig.connect("a");
		Socket stays = rig.connect("a");
		rig.port.postAccepted("/drain", DrainView.class);
		assertThat(Lines.receive(told)).isEqualTo("BYE");
		rig.assertRefused(portOfA);
		assertThat(rig.port.command("/drain", "cancel", DrainView.class).phase()).isEqualTo("serving");
		assertThat(rig.gateway.port("a")).isEqualTo(portOfA);
		assertThat(rig.port.status("/health/readiness")).isEqualTo(200);
		assertThat(rig.gateway.closeReasons()).isEmpty();
		rig.pass(Duration.ofSeconds(20));
		// one that was told goes on leaving, within the time that it had
		await().until(() -> rig.gateway.closes().equals(Collections.singletonMap(CloseReason.DRAINED, 1)));
		Lines.exchange(stays, "still here");
		Socket fresh = rig.connect("a");
		assertThat(rig.port.command("/listeners/b", "drain", ListenerView.class).state()).isEqualTo("drained");

		// and it can begin anew
		rig.port.postAccepted("/drain", DrainView.class);
		assertThat(Lines.receive(stays)).isEqualTo("BYE");
		stays.close();
		rig.pass(TURN);
		assertThat(Lines.receive(fresh)).isEqualTo("BYE");
		fresh.close();
		rig.awaitPhase("drained");
		assertThat(rig.port.command("/drain", "cancel", DrainView.class).phase()).isEqualTo("serving");
		rig.connect("a");
		// drained by itself before, and so it stays
		assertThat(rig.port.get("/listeners/b", ListenerView.class).state()).isEqualTo("drained");
	}

	@Test
	void pausedListenerIsPausedAgainWhenTheDrainIsTakenBack() {
		Rig rig = start("gateway.drain.wait=0s");
		rig.port.command("/listeners/a", "pause", ListenerView.class);
		rig.port.postAccepted("/drain", DrainView.class);
		rig.awaitPhase("drained");
		rig.port.command("/drain", "cancel", DrainView.class);
		assertThat(rig.port.get("/listeners/a", ListenerView.class).state()).isEqualTo("paused");
		assertThat(rig.port.get("/listeners/b", ListenerView.class).state()).isEqualTo("listening");
	}

	@Test
	void drainOfAProcessThatIsStoppedCannotBeTakenBack() throws Exception {
		Rig rig = start("gateway.drain.wait=0s");
		Socket client = rig.connect("a");
		client.getOutputStream().write("half".getBytes(StandardCharsets.US_ASCII));
		await().until(() -> rig.progress().pending() == 1);
		CompletableFuture<Void> stop = CompletableFuture.runAsync(rig.gateway::stop);
		rig.awaitPhase("leaving");
		assertThat(rig.port.body(rig.port.post("/drain", "{\"action\": \"cancel\"}"), 409))
			.contains("the process is being stopped, so its drain cannot be taken back");
		client.getOutputStream().write("way\n".getBytes(StandardCharsets.US_ASCII));
		assertThat(Lines.receive(client)).isEqualTo("halfway");
		client.close();
		stop.join();
	}

	@Test
	void otherActionIsRefusedWithTheKnownOnes() {
		Rig rig = start("gateway.drain.wait=5s");
		assertThat(rig.port.refusal("/drain", "{\"action\": \"stop\"}"))
			.isEqualTo("parameter 'action' is 'stop': must be start or cancel");
		assertThat(rig.progress().phase()).isEqualTo("serving");
	}

	private static void sendUntilClosed(Socket client, String line) {
		byte[] bytes = line.getBytes(StandardCharsets.US_ASCII);
		try {
			while (true) {
				client.getOutputStream().write(bytes);
			}
		}
		catch (SocketException ex) {
			// as it should be
		}
		catch (IOException ex) {
			throw new AssertionError(ex);
		}
	}

	/**
	 * A gateway and its operator.
	 */
	private static final class Rig {

		private final TestGateway gateway;

		private final ManagementPort port;

		private final MovedTime.Time time;

		Rig(TestGateway gateway) {
			this.gateway = gateway;
			this.port = new ManagementPort(gateway);
			this.time = gateway.bean(MovedTime.Time.class);
		}

		Socket connect(String listener) throws IOException {
			int before = this.gateway.registry().count();
			Socket client = this.gateway.connect(listener);
			Lines.exchange(client, "hello");
			await().until(() -> this.gateway.registry().count() == before + 1);
			return client;
		}

		void close() {
			CompletableFuture<Void> closed = CompletableFuture.runAsync(() -> {
				try {
					this.gateway.close();
				}
				catch (IOException ex) {
					throw new UncheckedIOException(ex);
				}
			});
			await().until(() -> {
				pass(Duration.ofSeconds(1));
				return closed.isDone();
			});
			closed.join();
		}

		void pass(Duration span) {
			this.time.pass(span);
		}

		DrainView progress() {
			return this.port.get("/drain", DrainView.class);
		}

		void awaitPhase(String phase) {
			await().untilAsserted(() -> assertThat(progress().phase()).isEqualTo(phase));
		}

		void awaitLeaving(Socket client) {
			await().until(() -> this.gateway.registry()
				.stream()
				.anyMatch((connection) -> connection.remoteAddress().getPort() == client.getLocalPort()
						&& connection.state() == ConnectionState.DRAINING));
		}

		void assertRefused(int port) {
			assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port).close())
				.isInstanceOf(ConnectException.class);
		}

	}

}
