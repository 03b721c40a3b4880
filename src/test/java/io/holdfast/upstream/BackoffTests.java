package io.holdfast.upstream;

import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class BackoffTests {

	@ParameterizedTest
	@CsvSource({ "1, 100", "2, 300", "3, 900", "4, 2700" })
	void pauseGrowsByTheMultiplierWithEachFailure(int failures, long millis) {
		assertThat(backoff(100, 10_000, 3, 0).after(failures, 0.5)).isEqualTo(Duration.ofMillis(millis));
	}

	@ParameterizedTest
	@CsvSource({ "4, 800", "5, 1000", "6, 1000", "1000, 1000", "2147483647, 1000" })
	void pauseGrowsToTheCapAndStays(int failures, long millis) {
		assertThat(backoff(100, 1000, 2, 0).after(failures, 0.5)).isEqualTo(Duration.ofMillis(millis));
	}

	@Test
	void pauseDoesNotGrowWithAMultiplierOfOne() {
		assertThat(backoff(100, 1000, 1, 0).after(50, 0.5)).isEqualTo(Duration.ofMillis(100));
	}

	@ParameterizedTest
	@CsvSource({ "0, 80", "0.25, 90", "0.5, 100", "0.75, 110", "1, 120" })
	void chanceMakesThePauseShorterOrLonger(double random, long millis) {
		assertThat(backoff(100, 1000, 2, 0.2).after(1, random)).isEqualTo(Duration.ofMillis(millis));
	}

	@ParameterizedTest
	@CsvSource({ "0, 0", "1, 2000" })
	void pauseAtTheCapLiesWithinTheJitterAroundIt(double random, long millis) {
		assertThat(backoff(100, 1000, 2, 1).after(99, random)).isEqualTo(Duration.ofMillis(millis));
	}

	private static Backoff backoff(long initialMillis, long maxMillis, double multiplier, double jitter) {
		return new Backoff(new ReconnectSettings(Duration.ofMillis(initialMillis), Duration.ofMillis(maxMillis),
				multiplier, jitter));
	}

}
