package io.holdfast.transport;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import io.holdfast.transport.FairShares.Share;
import io.holdfast.transport.FairShares.Turn;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class FairSharesTests {

	private final FairShares shares = new FairShares(8);

	@Test
	void onlyShareMayHaveEveryWorker() {
		queue(this.shares.add(), 10);
		assertThat(beginAll()).hasSize(8);
		assertThat(List.of(this.shares.active(), this.shares.queued())).containsExactly(8, 2);
	}

	@Test
	void halfOfTheWorkersAreKeptForTheSharesInEqualParts() {
		Share busy = this.shares.add();
		Share second = this.shares.add();
		Share third = this.shares.add();
		queue(busy, 10);
		// 8 / (2 * 3) is one for each of the other two
		assertThat(beginAll()).hasSize(6).containsOnly(busy);
		queue(second, 2);
		queue(third, 2);
		assertThat(beginAll()).containsExactlyInAnyOrder(second, third);
		assertThat(this.shares.queued()).isEqualTo(6);
	}

	@Test
	void workerThatBecomesFreeGoesToTheShareWhoseTurnItIs() {
		Share first = this.shares.add();
		Share second = this.shares.add();
		queue(first, 20);
		queue(second, 20);
		List<Share> begun = beginAll();
		assertThat(begun).hasSize(8);
		assertThat(begun.subList(0, 4)).containsExactly(first, second, first, second);
		List<Share> next = new ArrayList<>();
		for (int i = 0; i < 8; i++) {
			this.shares.vacate(begun.get(i));
			next.addAll(beginAll());
		}
		assertThat(next).hasSize(8);
		assertThat(next.stream().filter(first::equals)).hasSize(4);
	}

	@Test
	void whatIsKeptForAShareIsNotGivenToOneThatHasItsPart() {
		Share busy = this.shares.add();
		Share other = this.shares.add();
		queue(busy, 10);
		assertThat(beginAll()).hasSize(6);
		queue(other, 1);
		assertThat(beginAll()).containsExactly(other);
		this.shares.vacate(other);
		assertThat(beginAll()).isEmpty();
		this.shares.vacate(busy);
		assertThat(beginAll()).containsExactly(busy);
	}

	@Test
	void shareThatIsRemovedKeepsNothingAndIsStillServed() {
		Share busy = this.shares.add();
		Share leaving = this.shares.add();
		queue(busy, 10);
		queue(leaving, 1);
		this.shares.remove(leaving);
		assertThat(beginAll()).hasSize(8).contains(leaving);
	}

	@Test
	void moreSharesThanWorkersTakeTurnsAndNothingIsKept() {
		FairShares few = new FairShares(2);
		List<Share> all = List.of(few.add(), few.add(), few.add());
		few.queue(all.get(0), () -> {
		});
		few.queue(all.get(0), () -> {
		});
		assertThat(few.next()).isNotNull();
		assertThat(few.next()).isNotNull();
		all.forEach((share) -> few.queue(share, () -> {
		}));
		few.vacate(all.get(0));
		few.vacate(all.get(0));
		assertThat(List.of(next(few), next(few))).containsExactly(all.get(0), all.get(1));
	}

	@Test
	void sharesThatHaveMoreThanThereIsTakeNoneUntilThatIsOver() {
		Share share = this.shares.add();
		queue(share, 9);
		assertThat(beginAll()).hasSize(8);
		this.shares.occupy(share);
		this.shares.vacate(share);
		assertThat(beginAll()).isEmpty();
		this.shares.vacate(share);
		assertThat(beginAll()).hasSize(1);
	}

	@Test
	void turnThatIsTakenBackComesFirstAgain() {
		Share share = this.shares.add();
		List<String> run = new ArrayList<>();
		this.shares.queue(share, () -> run.add("one"));
		this.shares.queue(share, () -> run.add("two"));
		this.shares.takeBack(Objects.requireNonNull(this.shares.next()));
		assertThat(List.of(this.shares.active(), this.shares.queued())).containsExactly(0, 2);
		for (Turn turn = this.shares.next(); turn != null; turn = this.shares.next()) {
			turn.task().run();
		}
		assertThat(run).containsExactly("one", "two");
		assertThat(this.shares.queued()).isZero();
	}

	private void queue(Share share, int tasks) {
		for (int i = 0; i < tasks; i++) {
			this.shares.queue(share, () -> {
			});
		}
	}

	private List<Share> beginAll() {
		List<Share> begun = new ArrayList<>();
		for (Turn turn = this.shares.next(); turn != null; turn = this.shares.next()) {
			begun.add(turn.share());
		}
		return begun;
	}

	private static Share next(FairShares shares) {
		return Objects.requireNonNull(shares.next()).share();
	}

}
