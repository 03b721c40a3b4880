package io.holdfast.route;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.holdfast.connection.CloseReason;
import io.holdfast.testing.TestGateway;
import io.holdfast.transport.WorkerPool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.integration.dsl.IntegrationFlow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Flows of a user's own behind a listener.
 */
@ExtendWith(OutputCaptureExtension.class)
class ChannelRouteTests {

	private static final String[] SETTINGS = { "gateway.listeners.own.port=0", "gateway.listeners.own.protocol=line",
			"gateway.listeners.own.route.mode=channel" };

	@Test
	void whatTheFlowSendsToRepliesGoesBackToItsConnection() throws IOException {
		try (TestGateway gateway = TestGateway.start(Upper.class, SETTINGS)) {
			Socket one = gateway.connect("own");
			Socket two = gateway.connect("own");
			send(one, "one");
			send(two, "two");
			assertThat(lines(two).readLine()).isEqualTo("TWO");
			assertThat(lines(one).readLine()).isEqualTo("ONE");
		}
	}

	@Test
	void orderIsKeptWithinAConnection() throws IOException {
		try (TestGateway gateway = TestGateway.start(Upper.class, SETTINGS)) {
			Socket peer = gateway.connect("own");
			int frames = 20_000;
			Thread sender = new Thread(() -> {
				for (int i = 0; i < frames; i++) {
					send(peer, "frame " + i);
				}
			});
			sender.start();
			BufferedReader replies = lines(peer);
			for (int i = 0; i < frames; i++) {
				assertThat(replies.readLine()).isEqualTo("FRAME " + i);
			}
		}
	}

	@Test
	void flowThatBlocksHoldsUpItsOwnConnectionOnly() throws IOException {
		try (TestGateway gateway = TestGateway.start(Blocking.class, SETTINGS)) {
			Socket blocked = gateway.connect("own");
			Socket other = gateway.connect("own");
			send(blocked, "block");
			send(other, "pass");
			assertThat(lines(other).readLine()).isEqualTo("pass");
			gateway.bean(CountDownLatch.class).countDown();
			assertThat(lines(blocked).readLine()).isEqualTo("block");
		}
	}

	@Test
	void connectionThatFindsTheWorkersFullIsClosedWhereTheSettingsSaySo() throws IOException {
		try (TestGateway gateway = TestGateway.start(Blocking.class, SETTINGS[0], SETTINGS[1], SETTINGS[2],
				"gateway.workers.max-concurrent=1", "gateway.workers.queue=1", "gateway.workers.when-full=reject")) {
			Socket working = connectAndAwait(gateway, 1);
			Socket queued = connectAndAwait(gateway, 2);
			Socket refused = connectAndAwait(gateway, 3);
			send(working, "block");
			await().until(() -> gateway.bean(WorkerPool.class).active() == 1
					&& gateway.listener("own").traffic().framesIn() == 1);
			send(queued, "pass");
			await().until(() -> gateway.bean(WorkerPool.class).queued() == 1);
			send(refused, "pass");
			assertThat(lines(refused).readLine()).isNull();
			gateway.bean(CountDownLatch.class).countDown();
			assertThat(lines(working).readLine()).isEqualTo("block");
			assertThat(lines(queued).readLine()).isEqualTo("pass");
			await().untilAsserted(() -> assertThat(gateway.closeReasons()).containsExactly(CloseReason.RATE_LIMITED));
			assertThat(gateway.bean(WorkerPool.class).rejected()).isPositive();
		}
	}

	private static Socket connectAndAwait(TestGateway gateway, int count) throws IOException {
		Socket socket = gateway.connect("own");
		await().until(() -> gateway.registry().count() == count && gateway.bean(WorkerPool.class).active() == 0);
		return socket;
	}

	@Test
	void clientThatLeavesBeforeItsReplyCausesNoStackTrace(CapturedOutput output) throws IOException {
		try (TestGateway gateway = TestGateway.start(Blocking.class, SETTINGS)) {
			Socket leaving = gateway.connect("own");
			send(leaving, "block");
			await().until(() -> gateway.bean(CountDownLatch.class).getCount() == 1
					&& gateway.listener("own").traffic().framesIn() == 1);
			leaving.setSoLinger(true, 0);
			leaving.close();
			await().until(() -> gateway.closes().containsKey(CloseReason.PEER_RESET)
					|| gateway.registry().stream().allMatch((one) -> one.framesIn() == 1));
			gateway.bean(CountDownLatch.class).countDown();
			await().until(() -> gateway.registry().count() == 0);
		}
		assertThat(output.getAll()).doesNotContain("ERROR");
	}

	@Test
	void framesBeforeAnEndOfTheStreamAreAllAnswered() throws IOException {
		try (TestGateway gateway = TestGateway.start(Upper.class, SETTINGS)) {
			Socket finished = gateway.connect("own");
			finished.getOutputStream().write("x\n".repeat(4000).getBytes(StandardCharsets.US_ASCII));
			finished.shutdownOutput();
			assertThat(lines(finished).lines()).hasSize(4000).containsOnly("X");
		}
	}

	@Test
	void flowThatFailsForEachFrameIsLoggedOnceASecondWithTheNumberOfFailures(CapturedOutput output) throws IOException {
		try (TestGateway gateway = TestGateway.start(Failing.class, SETTINGS)) {
			Socket peer = gateway.connect("own");
			peer.getOutputStream().write("x\n".repeat(4000).getBytes(StandardCharsets.US_ASCII));
			await().untilAsserted(() -> assertThat(failures(output).stream().mapToInt(ChannelRouteTests::meant).sum())
				.isEqualTo(4000));
			assertThat(failures(output)).hasSizeLessThan(20)
				.allSatisfy((line) -> assertThat(line).contains("connection factory 'own.server' - the flow failed for",
						"IllegalStateException: no such meter", "ChannelRouteTests.java:"));
			assertThat(gateway.registry().count()).isEqualTo(1);
		}
		assertThat(output.getAll()).doesNotContain("\tat ");
	}

	private static List<String> failures(CapturedOutput output) {
		return output.getAll().lines().filter((line) -> line.contains("the flow failed")).toList();
	}

	/** How many failures a line stands for. */
	private static int meant(String line) {
		Matcher others = Pattern.compile("; (\\d+) more of this kind").matcher(line);
		return others.find() ? 1 + Integer.parseInt(others.group(1)) : 1;
	}

	@Test
	void withoutAFlowTheStartIsRefused() {
		assertThatExceptionOfType(Exception.class).isThrownBy(() -> TestGateway.start(SETTINGS).close())
			.withStackTraceContaining("listener 'own' - its route hands frames to the channel 'own.frames', "
					+ "which no flow subscribes to");
	}

	private static void send(Socket socket, String line) {
		try {
			socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.US_ASCII));
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static BufferedReader lines(Socket socket) throws IOException {
		return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
	}

	@Configuration(proxyBeanMethods = false)
	static class Upper {

		@Bean
		IntegrationFlow upper() {
			return IntegrationFlow.from("own.frames")
				.<byte[], byte[]>transform(
						(frame) -> new String(frame, StandardCharsets.US_ASCII).toUpperCase(Locale.ROOT)
							.getBytes(StandardCharsets.US_ASCII))
				.channel("own.replies")
				.get();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Failing {

		@Bean
		IntegrationFlow failing() {
			return IntegrationFlow.from("own.frames").<byte[]>handle((frame, headers) -> {
				throw new IllegalStateException("no such meter");
			}).get();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Blocking {

		@Bean
		CountDownLatch latch() {
			return new CountDownLatch(1);
		}

		@Bean
		IntegrationFlow blocking(CountDownLatch latch) {
			return IntegrationFlow.from("own.frames").<byte[]>filter((frame) -> {
				if (new String(frame, StandardCharsets.US_ASCII).equals("block")) {
					pass(latch);
				}
				return true;
			}).channel("own.replies").get();
		}

		private static void pass(CountDownLatch latch) {
			try {
				assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		}

	}

}
