package io.holdfast.actuate;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Snapshots that the gauges of one scrape share.
 */
class RecentTests {

	private final AtomicInteger taken = new AtomicInteger();

	private long nanos;

	private final Recent<Integer> recent = new Recent<>(this.taken::incrementAndGet, () -> this.nanos);

	@Test
	void readingsOfOneScrapeShareOneSnapshot() {
		for (int gauge = 0; gauge < 20; gauge++) {
			assertThat(this.recent.get()).isEqualTo(1);
			this.nanos += TimeUnit.MILLISECONDS.toNanos(4);
		}
		assertThat(this.taken).hasValue(1);
	}

	@Test
	void nextScrapeTakesAnother() {
		assertThat(this.recent.get()).isEqualTo(1);
		this.nanos += TimeUnit.MILLISECONDS.toNanos(100);
		assertThat(this.recent.get()).isEqualTo(2);
	}

}
