package io.holdfast.drain;

import java.net.Socket;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.holdfast.connection.ConnectionRegistry;
import io.holdfast.testing.TestGateway;
import io.holdfast.testing.Timers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The thread of the drains, and what is left on it.
 */
@ExtendWith(OutputCaptureExtension.class)
class DeparturesTests {

	private static final int ROUNDS = 30;

	@Test
	void connectionThatHasLeftLeavesNoTimer() throws Exception {
		try (TestGateway gateway = TestGateway.start("gateway.listeners.a.port=0", "gateway.listeners.a.protocol=line",
				"gateway.listeners.a.route.mode=echo", "gateway.drain.timeout=1h", "gateway.drain.wait=0s")) {
			Departures departures = gateway.bean(Departures.class);
			long before = Timers.count();
			for (int round = 1; round <= ROUNDS; round++) {
				try (Socket client = gateway.connect("a")) {
					await().until(() -> gateway.registry().count() == 1);
					String id = gateway.registry().stream().findFirst().orElseThrow().id();
					assertThat(departures.leave(id)).isTrue();
					assertThat(client.getInputStream().read()).isEqualTo(-1);
				}
				await().until(() -> gateway.registry().count() == 0);
			}
			await().untilAsserted(() -> assertThat(Timers.count()).isLessThan(before + ROUNDS / 2));
		}
	}

	@Test
	void stepThatFailsWithAnErrorIsToldAndKeepsNoOtherBack(CapturedOutput output) {
		ConnectionRegistry registry = new ConnectionRegistry(Clock.systemUTC(), List.of());
		DrainSettings settings = new DrainSettings(Duration.ZERO, Rate.of("1/s"), Duration.ofSeconds(1));
		try (Departures departures = new Departures(registry, settings, System::nanoTime)) {
			departures.repeat((nowNanos) -> {
				throw new StackOverflowError("for the test");
			});
			await().untilAsserted(() -> assertThat(output.getAll()).contains("drain - failed;", "for the test"));
			List<Long> taken = new CopyOnWriteArrayList<>();
			departures.repeat((nowNanos) -> taken.add(nowNanos) && taken.size() == 2);
			await().untilAsserted(() -> assertThat(taken).hasSize(2));
		}
	}

}
