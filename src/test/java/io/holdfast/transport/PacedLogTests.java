package io.holdfast.transport;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

class PacedLogTests {

	private final Queue<Runnable> secondLater = new ArrayDeque<>();

	private final List<String> lines = Collections.synchronizedList(new ArrayList<>());

	private final PacedLog log = new PacedLog(this.secondLater::add);

	@Test
	void firstLineIsWrittenAtOnce() {
		write("one");
		assertThat(this.lines).containsExactly("one");
	}

	@Test
	void linesWithinASecondAreWrittenAsTheLatestWithTheNumberOfTheOthers() {
		List.of("one", "two", "three", "four").forEach(this::write);
		assertThat(this.lines).containsExactly("one");
		passSecond();
		assertThat(this.lines).containsExactly("one", "four; 2 more of this kind within a second");
	}

	@Test
	void onlyOneThatWasLeftOutIsWrittenAsItIs() {
		List.of("one", "two").forEach(this::write);
		passSecond();
		assertThat(this.lines).containsExactly("one", "two");
	}

	@Test
	void lineAfterAQuietSecondIsWrittenAtOnce() {
		write("one");
		passSecond();
		assertThat(this.secondLater).isEmpty();
		write("two");
		assertThat(this.lines).containsExactly("one", "two");
	}

	@Test
	void lineSoonAfterALateOneWaitsForItsSecond() {
		List.of("one", "two").forEach(this::write);
		passSecond();
		write("three");
		assertThat(this.lines).containsExactly("one", "two");
		passSecond();
		assertThat(this.lines).containsExactly("one", "two", "three");
		passSecond();
		assertThat(this.secondLater).isEmpty();
	}

	@Test
	void lineThatCannotBeWrittenDoesNotSilenceThoseAfterIt() {
		assertThatIllegalStateException().isThrownBy(() -> this.log.write((more) -> {
			throw new IllegalStateException("disk full");
		}));
		write("one");
		passSecond();
		assertThat(this.lines).containsExactly("one");
	}

	@Test
	void linesOfManyThreadsAddUpToAllThatHappened() {
		Queue<Runnable> later = new ConcurrentLinkedQueue<>();
		PacedLog shared = new PacedLog(later::add);
		List<String> suffixes = Collections.synchronizedList(new ArrayList<>());
		List<CompletableFuture<Void>> writers = IntStream.range(0, 4).mapToObj((i) -> CompletableFuture.runAsync(() -> {
			for (int k = 0; k < 10_000; k++) {
				shared.write(suffixes::add);
				if (k % 100 == 0) {
					run(later);
				}
			}
		})).toList();
		writers.forEach(CompletableFuture::join);
		run(later);
		assertThat(suffixes.stream().mapToInt(PacedLogTests::meant).sum()).isEqualTo(40_000);
		assertThat(suffixes).hasSizeLessThan(1000);
	}

	/** How many lines one with such an ending stands for. */
	private static int meant(String more) {
		return more.isEmpty() ? 1 : 1 + Integer.parseInt(more.replaceAll("\\D", ""));
	}

	private static void run(Queue<Runnable> later) {
		Runnable task = later.poll();
		if (task != null) {
			task.run();
		}
	}

	private void write(String text) {
		this.log.write((more) -> this.lines.add(text + more));
	}

	private void passSecond() {
		List<Runnable> due = new ArrayList<>(this.secondLater);
		this.secondLater.clear();
		due.forEach(Runnable::run);
	}

}
