package io.holdfast.transport;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.netty.channel.embedded.EmbeddedChannel;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import org.springframework.util.unit.DataSize;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * On a loop whose time the test moves, with a send timeout of 32 seconds: a look every
 * two.
 */
class StallWatchTests {

	private final EmbeddedChannel channel = new EmbeddedChannel();

	private final List<Long> stalls = new ArrayList<>();

	private long taken;

	private boolean holdingUp = true;

	StallWatchTests() {
		this.channel.freezeTime();
	}

	private StallWatch watch(@Nullable DataSize minRate) {
		StallWatch watch = new StallWatch(this.channel.eventLoop(),
				new OutputLimits(1024, Duration.ofSeconds(32), minRate), () -> this.taken, () -> this.holdingUp,
				this.stalls::add);
		watch.start();
		return watch;
	}

	private void pass(int seconds) {
		for (int second = 0; second < seconds; second++) {
			this.channel.advanceTimeBy(1, TimeUnit.SECONDS);
			this.channel.runScheduledPendingTasks();
		}
	}

	@Test
	void timeoutCountsFromTheLastByteThatWasTaken() {
		watch(null);
		pass(3);
		this.taken++;
		pass(32);
		assertThat(this.stalls).isEmpty();
		pass(2);
		assertThat(this.stalls).containsExactly(0L);
	}

	@Test
	void peerThatTakesLessThanTheLeastRateIsFound() {
		watch(DataSize.ofBytes(100));
		for (int second = 0; second < 60; second++) {
			this.taken += 100;
			pass(1);
		}
		assertThat(this.stalls).isEmpty();
		for (int second = 0; second < 34; second++) {
			this.taken += 90;
			pass(1);
		}
		assertThat(this.stalls).hasSize(1);
	}

	@Test
	void nothingIsWatchedOnceNothingIsHeldUp() {
		StallWatch watch = watch(DataSize.ofBytes(100));
		pass(30);
		this.holdingUp = false;
		pass(4);
		this.holdingUp = true;
		pass(100);
		assertThat(this.stalls).isEmpty();
		assertThat(this.channel.runScheduledPendingTasks()).isNegative();
		watch.start();
		pass(30);
		assertThat(this.stalls).isEmpty();
		pass(4);
		assertThat(this.stalls).hasSize(1);
	}

}
