package io.holdfast.drain;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.holdfast.connection.ConnectionRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The thread of the drains.
 */
@ExtendWith(OutputCaptureExtension.class)
class DeparturesTests {

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
