package io.holdfast.route;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.holdfast.testing.TestGateway;
import io.holdfast.transport.WorkerPool;
import io.holdfast.transport.WorkerSettings.WhenFull;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.integration.dsl.IntegrationFlow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * More clients of a flow that takes its time than there are workers and places in their
 * queue, as they are unless set.
 */
@ExtendWith(OutputCaptureExtension.class)
class WaitingClientsTests {

	private static final int CLIENTS = 2000;

	@Test
	void areAllServed(CapturedOutput output) throws IOException {
		List<Socket> clients = new ArrayList<>();
		try (TestGateway gateway = TestGateway.start(Slow.class, "gateway.listeners.own.port=0",
				"gateway.listeners.own.protocol=line", "gateway.listeners.own.route.mode=channel")) {
			WorkerPool workers = gateway.bean(WorkerPool.class);
			assertThat(workers.settings().whenFull()).isEqualTo(WhenFull.WAIT);
			int working = workers.settings().maxConcurrent();
			assertThat(CLIENTS).isGreaterThan(working + workers.settings().queue());
			for (int client = 0; client < CLIENTS; client++) {
				Socket socket = gateway.connect("own");
				socket.getOutputStream().write(line(client));
				clients.add(socket);
			}
			await().untilAsserted(() -> assertThat(List.of(workers.active(), workers.queued())).containsExactly(working,
					CLIENTS - working));
			gateway.bean(CountDownLatch.class).countDown();
			for (int client = 0; client < CLIENTS; client++) {
				byte[] expected = line(client);
				assertThat(clients.get(client).getInputStream().readNBytes(expected.length)).isEqualTo(expected);
			}
			assertThat(gateway.closeReasons()).isEmpty();
			assertThat(gateway.registry().count()).isEqualTo(CLIENTS);
			assertThat(output.getAll()).doesNotContain("WARN").doesNotContain("ERROR");
		}
	}

	private static byte[] line(int client) {
		return (client + "\n").getBytes(StandardCharsets.US_ASCII);
	}

	@Configuration(proxyBeanMethods = false)
	static class Slow {

		@Bean
		CountDownLatch allAreWaiting() {
			return new CountDownLatch(1);
		}

		@Bean
		IntegrationFlow slow(CountDownLatch allAreWaiting) {
			return IntegrationFlow.from("own.frames").<byte[]>filter((frame) -> {
				try {
					return allAreWaiting.await(1, TimeUnit.MINUTES);
				}
				catch (InterruptedException ex) {
					Thread.currentThread().interrupt();
					return false;
				}
			}).channel("own.replies").get();
		}

	}

}
