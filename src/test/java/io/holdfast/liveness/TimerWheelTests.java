package io.holdfast.liveness;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * On a loop whose time the test moves.
 */
class TimerWheelTests {

	private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

	private static final long ORIGIN = -3 * SECOND;

	private final EmbeddedChannel channel = new EmbeddedChannel();

	private final List<String> expired = new ArrayList<>();

	private long now = ORIGIN;

	private final TimerWheel wheel = new TimerWheel(this.channel.eventLoop(), () -> this.now);

	TimerWheelTests() {
		this.channel.freezeTime();
	}

	private void pass(long nanos) {
		this.now += nanos;
		this.channel.advanceTimeBy(nanos, TimeUnit.NANOSECONDS);
		this.channel.runScheduledPendingTasks();
	}

	private Timeout timeout(String name) {
		return new Timeout() {

			@Override
			void expired(long nowNanos) {
				TimerWheelTests.this.expired.add(name);
			}

		};
	}

	@Test
	void timeoutGoesOffAtItsDeadlineAndNeverBefore() {
		this.wheel.arm(timeout("a"), ORIGIN + SECOND);
		pass(SECOND - 1);
		assertThat(this.expired).isEmpty();
		pass(TimerWheel.TICK_NANOS);
		assertThat(this.expired).containsExactly("a");
		assertThat(this.wheel.armed()).isZero();
	}

	@Test
	void timeoutMayBeTurnsAway() {
		this.wheel.arm(timeout("day"), ORIGIN + 86_400 * SECOND);
		this.wheel.arm(timeout("minute"), ORIGIN + 60 * SECOND);
		for (int second = 0; second < 61; second++) {
			pass(SECOND);
		}
		assertThat(this.expired).containsExactly("minute");
		pass(86_400 * SECOND);
		assertThat(this.expired).containsExactly("minute", "day");
	}

	@Test
	void armedAgainItHasItsNewDeadline() {
		Timeout timeout = timeout("a");
		this.wheel.arm(timeout, ORIGIN + SECOND);
		this.wheel.arm(timeout, ORIGIN + 3 * SECOND);
		assertThat(this.wheel.armed()).isEqualTo(1);
		pass(2 * SECOND);
		assertThat(this.expired).isEmpty();
		pass(2 * SECOND);
		assertThat(this.expired).containsExactly("a");
	}

	@Test
	void cancelledTimeoutDoesNotGoOff() {
		Timeout timeout = timeout("a");
		this.wheel.arm(timeout, ORIGIN + SECOND);
		this.wheel.cancel(timeout);
		this.wheel.cancel(timeout);
		assertThat(this.wheel.armed()).isZero();
		pass(2 * SECOND);
		assertThat(this.expired).isEmpty();
	}

	@Test
	void deadlineThatHasPassedGoesOffAtTheNextTickAlsoAfterALongRest() {
		pass(100 * SECOND);
		this.wheel.arm(timeout("late"), ORIGIN);
		pass(TimerWheel.TICK_NANOS);
		assertThat(this.expired).containsExactly("late");
	}

	@Test
	void timeoutMayArmItselfAndCancelOthers() {
		Timeout other = timeout("other");
		Timeout repeated = new Timeout() {

			@Override
			void expired(long nowNanos) {
				TimerWheelTests.this.expired.add("repeated");
				TimerWheelTests.this.wheel.cancel(other);
				TimerWheelTests.this.wheel.arm(this, nowNanos + SECOND);
			}

		};
		this.wheel.arm(repeated, ORIGIN + SECOND);
		this.wheel.arm(other, ORIGIN + 2 * SECOND);
		for (int i = 0; i < 40; i++) {
			pass(TimerWheel.TICK_NANOS);
		}
		assertThat(this.expired).startsWith("repeated", "repeated").doesNotContain("other").hasSizeBetween(3, 4);
	}

	static Stream<Runnable> failures() {
		return Stream.of(() -> {
			throw new IllegalStateException("for the test");
		}, () -> {
			throw new StackOverflowError("for the test");
		}, () -> {
			throw new OutOfMemoryError("for the test");
		});
	}

	@ParameterizedTest
	@MethodSource("failures")
	void oneThatFailsDoesNotKeepTheOthersBack(Runnable failure) {
		this.wheel.arm(timeout("same"), ORIGIN + SECOND);
		this.wheel.arm(new Timeout() {

			@Override
			void expired(long nowNanos) {
				failure.run();
			}

		}, ORIGIN + SECOND);
		this.wheel.arm(timeout("later"), ORIGIN + 3 * SECOND);
		pass(2 * SECOND);
		assertThat(this.expired).containsExactly("same");
		pass(2 * SECOND);
		assertThat(this.expired).containsExactly("same", "later");
		this.wheel.arm(timeout("new"), ORIGIN + 5 * SECOND);
		pass(2 * SECOND);
		assertThat(this.expired).containsExactly("same", "later", "new");
	}

	@Test
	void timeoutsInStepLeaveNoRoomBehindInTheSlotsThatTheyPass() {
		List<Timeout> herd = Stream.generate(() -> timeout("")).limit(1000).toList();
		int before = this.wheel.capacity();
		for (int round = 1; round <= 500; round++) {
			long deadline = ORIGIN + round * TimerWheel.TICK_NANOS;
			herd.forEach((one) -> this.wheel.arm(one, deadline));
		}
		assertThat(this.wheel.capacity() - before).isLessThanOrEqualTo(4 * herd.size());
		pass(60 * SECOND);
		assertThat(this.expired).hasSize(herd.size());
		assertThat(this.wheel.capacity()).isEqualTo(before);
	}

	@Test
	void timeoutThatCancelsAllOthersOfItsTickIsTheOnlyOneToGoOff() {
		List<Timeout> others = Stream.generate(() -> timeout("other")).limit(100).toList();
		others.forEach((one) -> this.wheel.arm(one, ORIGIN + SECOND));
		this.wheel.arm(new Timeout() {

			@Override
			void expired(long nowNanos) {
				TimerWheelTests.this.expired.add("last");
				others.forEach(TimerWheelTests.this.wheel::cancel);
			}

		}, ORIGIN + SECOND);
		pass(2 * SECOND);
		assertThat(this.expired).containsExactly("last");
		assertThat(this.wheel.armed()).isZero();
	}

	@Test
	void loopIsLeftAloneWhileNothingIsArmed() {
		assertThat(this.channel.runScheduledPendingTasks()).isNegative();
		this.wheel.arm(timeout("a"), ORIGIN + SECOND);
		assertThat(this.channel.runScheduledPendingTasks()).isPositive();
		pass(2 * SECOND);
		assertThat(this.channel.runScheduledPendingTasks()).isNegative();
	}

}
