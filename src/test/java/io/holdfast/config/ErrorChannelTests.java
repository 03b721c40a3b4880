package io.holdfast.config;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.holdfast.testing.TestGateway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.integration.dsl.IntegrationFlow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Failures of a user's flow that reach Spring Integration's {@code errorChannel}.
 */
@ExtendWith(OutputCaptureExtension.class)
class ErrorChannelTests {

	private static final int FRAMES = 4000;

	private static final String NO_METER = "no such meter";

	private static final String[] SETTINGS = { "gateway.listeners.own.port=0", "gateway.listeners.own.protocol=line",
			"gateway.listeners.own.route.mode=channel" };

	@Test
	void flowThatFailsOnAThreadOfItsOwnIsLoggedOnceASecondWithTheNumberOfFailures(CapturedOutput output)
			throws IOException {
		try (TestGateway gateway = TestGateway.start(Failing.class, SETTINGS)) {
			send(gateway.connect("own"));
			await().untilAsserted(
					() -> assertThat(failures(output, NO_METER).stream().mapToInt(ErrorChannelTests::meant).sum())
						.isEqualTo(FRAMES));
			assertThat(failures(output, NO_METER)).hasSizeLessThan(20)
				.allSatisfy(
						(line) -> assertThat(line).contains("errorChannel - a flow failed for a frame of 127.0.0.1:",
								"IllegalStateException: " + NO_METER, "ErrorChannelTests.java:"));
		}
		assertThat(output.getAll()).doesNotContain("\tat ");
	}

	@Test
	void subscriberOfAUsersOwnGetsEachFailure() throws IOException {
		try (TestGateway gateway = TestGateway.start(Counting.class, SETTINGS)) {
			send(gateway.connect("own"));
			await().untilAsserted(() -> assertThat(gateway.bean(AtomicInteger.class)).hasValue(FRAMES));
		}
	}

	@Test
	void repliesToAClientThatHasLeftCauseNoStackTrace(CapturedOutput output) throws IOException {
		try (TestGateway gateway = TestGateway.start(Late.class, SETTINGS)) {
			Socket leaving = gateway.connect("own");
			send(leaving);
			await().until(() -> gateway.listener("own").traffic().framesIn() == FRAMES);
			leaving.setSoLinger(true, 0);
			leaving.close();
			await().until(() -> gateway.registry().count() == 0);
			gateway.bean(CountDownLatch.class).countDown();
			await().untilAsserted(() -> assertThat(failures(output, "outbound socket")).isNotEmpty());
		}
		assertThat(failures(output, "outbound socket")).hasSizeLessThan(20);
		assertThat(output.getAll()).doesNotContain("\tat ");
	}

	private static void send(Socket peer) throws IOException {
		peer.getOutputStream().write("x\n".repeat(FRAMES).getBytes(StandardCharsets.US_ASCII));
	}

	private static List<String> failures(CapturedOutput output, String what) {
		return output.getAll().lines().filter((line) -> line.contains("ERROR") && line.contains(what)).toList();
	}

	/** How many failures a line stands for. */
	private static int meant(String line) {
		Matcher others = Pattern.compile("; (\\d+) more of this kind").matcher(line);
		return others.find() ? 1 + Integer.parseInt(others.group(1)) : 1;
	}

	private static Executor oneThread() {
		SimpleAsyncTaskExecutor executor = new SimpleAsyncTaskExecutor("own-flow-");
		executor.setConcurrencyLimit(1);
		return executor;
	}

	@Configuration(proxyBeanMethods = false)
	static class Failing {

		@Bean
		IntegrationFlow failing() {
			return failing(NO_METER);
		}

		static IntegrationFlow failing(String message) {
			return IntegrationFlow.from("own.frames")
				.channel((channels) -> channels.executor(oneThread()))
				.<byte[]>handle((frame, headers) -> {
					throw new IllegalStateException(message);
				})
				.get();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Counting {

		@Bean
		IntegrationFlow failing() {
			return Failing.failing("counted");
		}

		@Bean
		AtomicInteger failures() {
			return new AtomicInteger();
		}

		@Bean
		IntegrationFlow counting(AtomicInteger failures) {
			return IntegrationFlow.from("errorChannel").handle((failure) -> failures.incrementAndGet()).get();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Late {

		@Bean
		CountDownLatch latch() {
			return new CountDownLatch(1);
		}

		@Bean
		IntegrationFlow late(CountDownLatch latch) {
			return IntegrationFlow.from("own.frames")
				.channel((channels) -> channels.queue(FRAMES))
				.<byte[]>filter((frame) -> passes(latch), (filter) -> filter
					.poller((pollers) -> pollers.fixedDelay(1).maxMessagesPerPoll(FRAMES).taskExecutor(oneThread())))
				.channel("own.replies")
				.get();
		}

		private static boolean passes(CountDownLatch latch) {
			try {
				return latch.await(10, TimeUnit.SECONDS);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				return false;
			}
		}

	}

}
