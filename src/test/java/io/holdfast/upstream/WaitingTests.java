package io.holdfast.upstream;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

import io.holdfast.testing.Scripts;
import io.holdfast.testing.UpstreamServer;
import io.netty.channel.EventLoop;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static io.holdfast.upstream.TestUpstream.eventually;
import static io.holdfast.upstream.TestUpstream.release;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Borrowers for whom there is no link at the moment.
 */
class WaitingTests {

	@RegisterExtension
	private final TestUpstream upstreams = new TestUpstream();

	private final UpstreamServer server = this.upstreams.server(Scripts.echo());

	@Test
	void borrowersAreServedInTheOrderOfTheirArrivalWhateverTheirLoop() {
		Upstream upstream = this.upstreams.start(TestSettings.to(this.server).max(1));
		Link only = this.upstreams.borrow(upstream);
		List<Integer> served = new CopyOnWriteArrayList<>();
		for (int i = 0; i < 6; i++) {
			int number = i;
			EventLoop loop = (i % 3 == 0) ? this.upstreams.loop() : this.upstreams.otherLoop();
			new TestBorrower(loop, (link) -> {
				served.add(number);
				only.release();
			}).waitFor(upstream);
		}
		assertThat(upstream.info().waiting()).isEqualTo(6);
		only.release();
		eventually(() -> assertThat(served).containsExactly(0, 1, 2, 3, 4, 5));
		eventually(() -> assertThat(upstream.info().links().idle()).isEqualTo(1));
	}

	@Test
	void whoComesBeyondMaxWaitingIsRefusedAtOnce() {
		Upstream upstream = this.upstreams.start(TestSettings.to(this.server).max(1).maxWaiting(2));
		Link only = this.upstreams.borrow(upstream);
		TestBorrower first = this.upstreams.borrower().waitFor(upstream);
		TestBorrower second = this.upstreams.borrower().waitFor(upstream);
		NoLinkException refusal = this.upstreams.borrower().waitFor(upstream).refusal();
		assertThat(refusal.reason()).isEqualTo(NoLinkException.Reason.TOO_MANY_WAITING);
		assertThat(refusal).hasMessage("upstream 'billing' - refused, because max-waiting=2 wait already"
				+ " (open=1 of 1, idle=0, waiting=2)");
		only.release();
		first.link().release();
		assertThat(second.link()).isSameAs(only);
	}

	@Test
	void whoIsNotServedWithinTheAcquireTimeoutIsRefusedWithTheNumbers() {
		Upstream upstream = this.upstreams
			.start(TestSettings.to(this.server).max(1).acquireTimeout(Duration.ofMillis(50)));
		Link only = this.upstreams.borrow(upstream);
		NoLinkException refusal = this.upstreams.borrower().waitFor(upstream).refusal();
		assertThat(refusal.reason()).isEqualTo(NoLinkException.Reason.TIMED_OUT);
		assertThat(refusal).hasMessage("upstream 'billing' - no link within 50 ms (open=1 of 1, idle=0, waiting=1)");
		assertThat(upstream.info().waiting()).isZero();
		assertThat(upstream.info().timeouts()).isEqualTo(1);
		release(only);
		assertThat(upstream.info().links().idle()).isEqualTo(1);
	}

	@Test
	void everyBorrowerThatIsNotServedIsRefused() {
		Upstream upstream = this.upstreams
			.start(TestSettings.to(this.server).max(1).acquireTimeout(Duration.ofMillis(20)));
		this.upstreams.borrow(upstream);
		List<NoLinkException> refusals = new CopyOnWriteArrayList<>();
		for (int i = 0; i < 100; i++) {
			new TestBorrower(this.upstreams.loop(), (told) -> refusals.add((NoLinkException) told)).waitFor(upstream);
		}
		eventually(() -> assertThat(refusals).hasSize(100));
		assertThat(upstream.info().timeouts()).isEqualTo(100);
	}

	@Test
	void whoDoesNotWaitAnyLongerIsPassedOver() {
		Upstream upstream = this.upstreams.start(TestSettings.to(this.server).max(1));
		Link only = this.upstreams.borrow(upstream);
		TestBorrower cancelled = this.upstreams.borrower().waitFor(upstream);
		TestBorrower next = this.upstreams.borrower().waitFor(upstream);
		upstream.cancel(cancelled);
		assertThat(upstream.info().waiting()).isEqualTo(1);
		only.release();
		assertThat(next.link()).isSameAs(only);
		assertThat(cancelled.isWaiting()).isTrue();
	}

	@Test
	void linkUnderWayToWhoDoesNotWaitAnyLongerIsLentAgainWhenGivenBack() throws Exception {
		Upstream upstream = this.upstreams.start(TestSettings.to(this.server).max(1));
		Link only = this.upstreams.borrow(upstream);
		AutoCloseable held = this.upstreams.hold(this.upstreams.otherLoop());
		TestBorrower late = new TestBorrower(this.upstreams.otherLoop(), (told) -> ((Link) told).release())
			.waitFor(upstream);
		TestBorrower next = this.upstreams.borrower().waitFor(upstream);
		release(only);
		assertThat(upstream.info().links().lent()).isEqualTo(1);
		upstream.cancel(late);
		assertThat(next.isWaiting()).isTrue();
		held.close();
		assertThat(next.link()).isSameAs(only);
	}

	@Test
	void linkThatIsGivenBackTwiceIsLentOnce() {
		Upstream upstream = this.upstreams.start(TestSettings.to(this.server).max(1));
		Link only = this.upstreams.borrow(upstream);
		release(only);
		release(only);
		assertThat(upstream.info().links().idle()).isEqualTo(1);
		assertThat(this.upstreams.borrow(upstream)).isSameAs(only);
		this.upstreams.borrower().waitFor(upstream);
		assertThat(upstream.info().links()).isEqualTo(new UpstreamInfo.Links(1, 1, 0, 0, 1, 0));
	}

	@Test
	void borrowerThatHasWaitedBeforeIsRefusedAtItsOwnDeadline() {
		Upstream upstream = this.upstreams.start(TestSettings.to(this.server).max(1));
		this.upstreams.borrow(upstream);
		TestBorrower patient = this.upstreams.borrower().waitFor(upstream);
		long now = this.upstreams.loops().nanoTime();
		TestBorrower hurried = this.upstreams.borrower().withLeft(Duration.ofMillis(50), now).waitFor(upstream);
		TestBorrower late = this.upstreams.borrower().withLeft(Duration.ZERO, now).waitFor(upstream);
		assertThat(late.refusal().reason()).isEqualTo(NoLinkException.Reason.TIMED_OUT);
		assertThat(hurried.refusal().reason()).isEqualTo(NoLinkException.Reason.TIMED_OUT);
		assertThat(patient.isWaiting()).isTrue();
		assertThat(upstream.info().waiting()).isEqualTo(1);
	}

	@Test
	void borrowerThatHasWaitedBeforeIsServedBeforeThoseWithMoreTime() {
		Upstream upstream = this.upstreams.start(TestSettings.to(this.server).max(1));
		Link only = this.upstreams.borrow(upstream);
		TestBorrower first = this.upstreams.borrower().waitFor(upstream);
		TestBorrower back = this.upstreams.borrower()
			.withLeft(Duration.ofSeconds(30), this.upstreams.loops().nanoTime())
			.waitFor(upstream);
		only.release();
		assertThat(back.link()).isSameAs(only);
		assertThat(first.isWaiting()).isTrue();
		only.release();
		assertThat(first.link()).isSameAs(only);
	}

	@Test
	void linkThatIsLostMakesRoomForWhoWaits() {
		Upstream upstream = this.upstreams.start(TestSettings.to(this.server).max(1));
		Link lost = this.upstreams.borrow(upstream);
		TestBorrower waiting = this.upstreams.borrower().waitFor(upstream);
		eventually(() -> assertThat(this.server.accepted()).isEqualTo(1));
		this.server.resetConnections();
		assertThat(waiting.link()).isNotSameAs(lost).matches(Link::isOpen);
	}

	@Test
	void idleLinkOfTheBorrowersLoopIsPreferred() {
		Upstream upstream = this.upstreams.start(TestSettings.to(this.server).max(2));
		Link link = this.upstreams.borrow(upstream);
		Link other = this.upstreams.borrow(upstream, new TestBorrower(this.upstreams.otherLoop()));
		assertThat(link.eventLoop()).isSameAs(this.upstreams.loop());
		assertThat(other.eventLoop()).isSameAs(this.upstreams.otherLoop());
		for (int i = 0; i < 3; i++) {
			release(link);
			release(other);
			assertThat(this.upstreams.borrow(upstream, new TestBorrower(this.upstreams.otherLoop()))).isSameAs(other);
			assertThat(this.upstreams.borrow(upstream)).isSameAs(link);
		}
	}

	@Test
	void linkOfAnotherLoopIsLentWhileOneIsOpenedForTheBorrowers() {
		Upstream upstream = this.upstreams.warm(TestSettings.to(this.server).minIdle(1).max(2));
		TestBorrower other = new TestBorrower(this.upstreams.otherLoop());
		Link first = this.upstreams.borrow(upstream, other);
		assertThat(first.eventLoop()).isSameAs(this.upstreams.loop());
		eventually(() -> assertThat(upstream.info().links().idle()).isEqualTo(1));
		release(first);
		assertThat(this.upstreams.borrow(upstream, other).eventLoop()).isSameAs(this.upstreams.otherLoop());
	}

	@Test
	void onlyLinkIsLentToTheOtherLoopToo() {
		Upstream upstream = this.upstreams.start(TestSettings.to(this.server).max(1));
		Link only = this.upstreams.borrow(upstream);
		release(only);
		TestBorrower other = new TestBorrower(this.upstreams.otherLoop());
		assertThat(this.upstreams.borrow(upstream, other)).isSameAs(only);
		TestBorrower waiting = this.upstreams.borrower().waitFor(upstream);
		release(only);
		assertThat(waiting.link()).isSameAs(only);
	}

	@Test
	void whoKeepsItsLinkGetsOneOfItsOwnLoopThoughAnotherIsIdle() {
		Upstream upstream = this.upstreams.warm(TestSettings.to(this.server).minIdle(1).max(2));
		TestBorrower keeper = new TestBorrower(this.upstreams.otherLoop()).keepingIt().waitFor(upstream);
		assertThat(keeper.link().eventLoop()).isSameAs(this.upstreams.otherLoop());
		assertThat(upstream.info().links()).isEqualTo(new UpstreamInfo.Links(2, 1, 1, 0, 2, 1));
	}

	@Test
	void idleLinkIsLentThoughSomebodyWaitsWhoCannotUseIt() throws Exception {
		Upstream upstream = this.upstreams.warm(TestSettings.to(this.server).minIdle(3).max(4));
		AutoCloseable held = this.upstreams.hold(this.upstreams.otherLoop());
		TestBorrower keeper = new TestBorrower(this.upstreams.otherLoop()).keepingIt().waitFor(upstream);
		assertThat(this.upstreams.borrow(upstream, 2)).doesNotHaveDuplicates()
			.allMatch((link) -> link.eventLoop() == this.upstreams.loop());
		assertThat(upstream.acquireBeside(this.upstreams.loop(), List.of())).isNotNull();
		assertThat(keeper.isWaiting()).isTrue();
		held.close();
		assertThat(keeper.link().eventLoop()).isSameAs(this.upstreams.otherLoop());
		assertThat(upstream.info().evicted()).isEmpty();
	}

	@Test
	void whoKeepsItsLinkIsServedInItsTurnThoughOthersCouldUseALinkOfAnotherLoop() {
		Upstream upstream = this.upstreams.start(TestSettings.to(this.server).max(1));
		Link only = this.upstreams.borrow(upstream);
		TestBorrower keeper = new TestBorrower(this.upstreams.otherLoop()).keepingIt().waitFor(upstream);
		TestBorrower next = this.upstreams.borrower().waitFor(upstream);
		only.release();
		Link kept = keeper.link();
		assertThat(kept.eventLoop()).isSameAs(this.upstreams.otherLoop());
		assertThat(next.isWaiting()).isTrue();
		kept.release();
		assertThat(next.link().isOpen()).isTrue();
	}

	@Test
	void noMoreIdleLinksMakeRoomThanBorrowersWaitForIt() throws Exception {
		Upstream upstream = this.upstreams.warm(TestSettings.to(this.server).minIdle(8).max(8));
		AutoCloseable held = this.upstreams.hold(this.upstreams.loop());
		TestBorrower first = new TestBorrower(this.upstreams.otherLoop()).keepingIt().waitFor(upstream);
		TestBorrower second = new TestBorrower(this.upstreams.otherLoop()).keepingIt().waitFor(upstream);
		for (int i = 0; i < 6; i++) {
			upstream.cancel(second);
			second.waitFor(upstream);
		}
		held.close();
		assertThat(List.of(first.link(), second.link())).allMatch(Link::isOpen);
		assertThat(upstream.info().evicted()).isEqualTo(Map.of(Eviction.IDLE, 2L));
		eventually(() -> assertThat(upstream.info().links()).isEqualTo(new UpstreamInfo.Links(8, 2, 6, 0, 8, 8)));
	}

	@Test
	void idleLinkOfAnotherLoopMakesRoomForWhoKeepsItsLink() {
		Upstream upstream = this.upstreams.warm(TestSettings.to(this.server).minIdle(1).max(1));
		TestBorrower keeper = new TestBorrower(this.upstreams.otherLoop()).keepingIt().waitFor(upstream);
		assertThat(keeper.link().eventLoop()).isSameAs(this.upstreams.otherLoop());
		assertThat(upstream.info().links()).isEqualTo(new UpstreamInfo.Links(1, 1, 0, 0, 1, 1));
	}

}
