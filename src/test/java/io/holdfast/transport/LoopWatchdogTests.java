package io.holdfast.transport;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Loops that do not serve their connections any more.
 */
class LoopWatchdogTests {

	private final EventLoops loops = new EventLoops(Transport.NIO, 2, Clock.systemUTC(), System::nanoTime);

	private final AtomicLong nanos = new AtomicLong();

	private final LoopWatchdog watchdog = new LoopWatchdog(this.loops, this.nanos::get);

	private final List<String> ended = new CopyOnWriteArrayList<>();

	@AfterEach
	void close() {
		this.watchdog.close();
		this.loops.close();
	}

	private void look(Duration later) {
		this.nanos.addAndGet(later.toNanos());
		this.watchdog.look();
	}

	@Test
	void loopsThatAnswerAreNoTrouble() {
		look(Duration.ZERO);
		this.loops.all().forEach((loop) -> loop.submit(() -> {
		}).syncUninterruptibly());
		look(Duration.ofHours(1));
		assertThat(this.watchdog.trouble()).isEmpty();
	}

	@Test
	void loopThatDoesNotAnswerForTenSecondsIsTroubleUntilItDoes() throws InterruptedException {
		CountDownLatch stuck = new CountDownLatch(1);
		CountDownLatch release = new CountDownLatch(1);
		this.loops.preferred().execute(() -> {
			stuck.countDown();
			try {
				release.await();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		});
		stuck.await();
		look(Duration.ZERO);
		look(Duration.ofSeconds(9));
		assertThat(this.watchdog.trouble()).isEmpty();
		look(Duration.ofSeconds(1));
		assertThat(this.watchdog.trouble()).hasValue("event loop 1 has not answered for 10 s");
		release.countDown();
		await().untilAsserted(() -> {
			look(Duration.ZERO);
			assertThat(this.watchdog.trouble()).isEmpty();
		});
	}

	@Test
	void loopThatEndsByAnErrorIsTroubleAndIsTold() {
		this.loops.observeEnds(this.ended::add);
		look(Duration.ZERO);
		LoopEnd.end(this.loops);
		await().untilAsserted(() -> assertThat(this.ended).singleElement().asString().startsWith("holdfast-loop-"));
		look(Duration.ZERO);
		assertThat(this.watchdog.trouble()).hasValue("event loop 1 has ended");
	}

	@Test
	void loopsThatAreClosedAreNotTold() {
		this.loops.observeEnds(this.ended::add);
		look(Duration.ZERO);
		this.loops.close();
		await().until(() -> this.loops.all().allMatch((loop) -> loop.isTerminated()));
		assertThat(this.ended).isEmpty();
	}

}
