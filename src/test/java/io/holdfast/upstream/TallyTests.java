package io.holdfast.upstream;

import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class TallyTests {

	private final Tally tally = new Tally();

	// sums run beyond the end of the range, as they may with nanoseconds
	private long now = Long.MAX_VALUE - 5;

	@Test
	void failuresWithoutAnyAnswerAddUpHoweverFarApartTheyAre() {
		for (int i = 1; i <= 3; i++) {
			assertThat(this.tally.speaksAgainst(3)).isFalse();
			failed("client");
			assertThat(this.tally.failures()).isEqualTo(i);
			pass(3600);
		}
		assertThat(this.tally.speaksAgainst(3)).isTrue();
	}

	@Test
	void failuresOfManyClientsAmongMoreAnswersNeverAddUp() {
		for (int second = 0; second < 100; second++) {
			answered(1000);
			for (int client = 0; client < 8; client++) {
				failed(new Object());
				assertThat(this.tally.speaksAgainst(1)).isFalse();
			}
			pass(1);
		}
		assertThat(this.tally.failures()).isZero();
	}

	@Test
	void failuresOfADeadServerAddUpWhenItsLastAnswersAreTwoSecondsOld() {
		for (int second = 0; second < 10; second++) {
			answered(1000);
			pass(1);
		}
		failed("one");
		failed("two");
		assertThat(this.tally.speaksAgainst(1)).isFalse();
		pass(2);
		failed("one");
		failed("two");
		failed("three");
		assertThat(this.tally.failures()).isEqualTo(3);
		assertThat(this.tally.speaksAgainst(3)).isTrue();
	}

	@Test
	void failuresOfOneClientSpeakAgainstNobodyWhoAnswersOthers() {
		failed("one");
		answered(1);
		failed("one");
		// begins another run with the answer of a moment ago
		assertThat(this.tally.failures()).isZero();
		pass(2);
		failed("one");
		failed("one");
		answered(1);
		failed("one");
		assertThat(this.tally.failures()).isEqualTo(3);
		assertThat(this.tally.speaksAgainst(3)).isFalse();
		failed("another");
		assertThat(this.tally.speaksAgainst(3)).isTrue();
	}

	@Test
	void asManyAnswersAsFailuresEndTheRun() {
		failed("one");
		failed("two");
		answered(2);
		assertThat(this.tally.failures()).isZero();
	}

	@Test
	void runThatHasBegunElsewhereNeedsOneFailureMore() {
		answered(5);
		this.tally.begin(2);
		assertThat(this.tally.speaksAgainst(3)).isFalse();
		failed("one");
		assertThat(this.tally.speaksAgainst(3)).isTrue();
	}

	private void failed(Object client) {
		this.tally.failed(client, this.now);
	}

	private void answered(int times) {
		for (int i = 0; i < times; i++) {
			this.tally.answered();
		}
	}

	/** Seconds pass, with a sample at the end of each. */
	private void pass(int seconds) {
		for (int i = 0; i < Math.min(3, seconds); i++) {
			this.now += TimeUnit.SECONDS.toNanos((i == 0) ? Math.max(1, seconds - 2) : 1);
			this.tally.sample(this.now);
		}
	}

}
