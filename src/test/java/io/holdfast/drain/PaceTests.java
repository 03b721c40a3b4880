package io.holdfast.drain;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Who may leave when, with a clock that is moved.
 */
class PaceTests {

	private static final long TICK = TimeUnit.MILLISECONDS.toNanos(20);

	private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

	/** Ticks, with as many waiting as are let go, and notes when each of them went. */
	private static List<Long> departures(Pace pace, long from, long until, long tick) {
		List<Long> times = new ArrayList<>();
		for (long now = from; now <= until; now += tick) {
			for (int due = pace.due(now); due > 0; due--) {
				pace.gone();
				times.add(now);
			}
		}
		return times;
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 3, 49, 50, 51, 500, 10_000 })
	void eachSecondHasItsShareAndNoneHasMore(int rate) {
		List<Long> times = departures(new Pace(new Rate(rate), 0), 0, 10 * SECOND, TICK);
		assertThat(times).hasSizeBetween(10 * rate, 10 * rate + 1);
		for (long begin = 0; begin <= 9 * SECOND; begin += TICK) {
			long from = begin;
			assertThat(times.stream().filter((time) -> time >= from && time < from + SECOND).count())
				.as("in the second from %d ms on", TimeUnit.NANOSECONDS.toMillis(from))
				.isLessThanOrEqualTo(rate + 1);
		}
	}

	@Test
	void nobodyWaitsForTheBeginningOfASecond() {
		List<Long> times = departures(new Pace(new Rate(500), 0), 0, SECOND, TICK);
		for (long begin = 0; begin < SECOND; begin += TICK) {
			long from = begin;
			assertThat(times.stream().filter((time) -> time >= from && time < from + TICK).count())
				.isBetween((from == 0) ? 1L : 9L, 11L);
		}
	}

	@ParameterizedTest
	@CsvSource({ "500, 50", "20, 2", "3, 1" })
	void lostTimeIsMadeGoodForATenthOfASecondAtMost(int rate, int burst) {
		Pace pace = new Pace(new Rate(rate), 0);
		departures(pace, 0, SECOND, TICK);
		assertThat(pace.due(60 * SECOND)).isEqualTo(burst);
	}

	@Test
	void whoIsNotThereTakesNobodysTurn() {
		Pace pace = new Pace(new Rate(10), 0);
		assertThat(pace.due(0)).isEqualTo(1);
		assertThat(pace.due(TICK)).isEqualTo(1);
		pace.gone();
		assertThat(pace.due(2 * TICK)).isZero();
	}

	@Test
	void clockMayPassItsLargestValue() {
		long from = Long.MAX_VALUE - SECOND / 2;
		Pace pace = new Pace(new Rate(100), from);
		int gone = 0;
		for (int tick = 0; tick <= 50; tick++) {
			for (int due = pace.due(from + tick * TICK); due > 0; due--) {
				pace.gone();
				gone++;
			}
		}
		assertThat(gone).isBetween(100, 101);
	}

}
