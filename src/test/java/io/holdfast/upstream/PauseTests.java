package io.holdfast.upstream;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

import io.holdfast.testing.Scripts;
import io.holdfast.testing.UpstreamServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static io.holdfast.upstream.TestUpstream.eventually;
import static io.holdfast.upstream.TestUpstream.release;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Upstreams that lend nothing: paused, or stopped.
 */
class PauseTests {

	@RegisterExtension
	private final TestUpstream upstreams = new TestUpstream();

	private final UpstreamServer server = this.upstreams.server(Scripts.echo());

	@Test
	void nobodyIsServedByAPausedUpstreamThoughLinksAreIdle() {
		Upstream upstream = this.upstreams.warm(TestSettings.to(this.server).minIdle(2).max(2));
		upstream.pause();
		TestBorrower borrower = this.upstreams.borrower().waitFor(upstream);
		assertThat(upstream.acquireBeside(this.upstreams.loop(), List.of())).isNull();
		UpstreamInfo info = upstream.info();
		assertThat(info.paused()).isTrue();
		assertThat(info.waiting()).isEqualTo(1);
		assertThat(info.links().idle()).isEqualTo(2);
		assertThat(borrower.isWaiting()).isTrue();
	}

	@Test
	void whoWaitsIsServedInOrderWhenTheUpstreamIsResumed() {
		Upstream upstream = this.upstreams.warm(TestSettings.to(this.server).minIdle(2).max(2));
		upstream.pause();
		List<TestBorrower> waiting = Stream.generate(this.upstreams::borrower).limit(4).toList();
		waiting.forEach((borrower) -> borrower.waitFor(upstream));
		upstream.resume();
		assertThat(upstream.isPaused()).isFalse();
		Link first = waiting.get(0).link();
		Link second = waiting.get(1).link();
		assertThat(upstream.info().waiting()).isEqualTo(2);
		release(second);
		assertThat(waiting.get(2).link()).isSameAs(second);
		release(first);
		assertThat(waiting.get(3).link()).isSameAs(first);
	}

	@Test
	void whoCanUseAnIdleLinkGetsItWhenTheUpstreamIsResumedThoughTheFirstCannot() throws Exception {
		Upstream upstream = this.upstreams.warm(TestSettings.to(this.server).minIdle(2).max(2));
		AutoCloseable held = this.upstreams.hold(this.upstreams.otherLoop());
		upstream.pause();
		TestBorrower keeper = new TestBorrower(this.upstreams.otherLoop()).keepingIt().waitFor(upstream);
		TestBorrower other = this.upstreams.borrower().waitFor(upstream);
		upstream.resume();
		assertThat(other.link().eventLoop()).isSameAs(this.upstreams.loop());
		held.close();
		assertThat(keeper.link().eventLoop()).isSameAs(this.upstreams.otherLoop());
	}

	@Test
	void whoKeepsItsLinkHasOneOpenedWhileTheUpstreamIsPaused() {
		Upstream upstream = this.upstreams.start(TestSettings.to(this.server).max(8));
		upstream.pause();
		TestBorrower keeper = new TestBorrower(this.upstreams.otherLoop()).keepingIt().waitFor(upstream);
		eventually(() -> assertThat(upstream.info().links().idle()).isEqualTo(1));
		TestBorrower second = new TestBorrower(this.upstreams.otherLoop()).keepingIt().waitFor(upstream);
		eventually(() -> assertThat(upstream.info().links().idle()).isEqualTo(2));
		upstream.resume();
		assertThat(List.of(keeper.link(), second.link())).allMatch(Link::isOpen);
		assertThat(upstream.info().connected()).isEqualTo(2);
	}

	@Test
	void linkThatIsGivenBackToAPausedUpstreamStaysIdle() {
		Upstream upstream = this.upstreams.start(TestSettings.to(this.server).max(1));
		Link only = this.upstreams.borrow(upstream);
		TestUser user = TestUser.of(only);
		upstream.pause();
		assertThat(only.isPaused()).isTrue();
		user.send(new byte[] { 1 });
		assertThat(user.frame()).containsExactly(1);
		TestBorrower waiting = this.upstreams.borrower().waitFor(upstream);
		release(only);
		assertThat(upstream.info().links().idle()).isEqualTo(1);
		assertThat(waiting.isWaiting()).isTrue();
		upstream.resume();
		assertThat(waiting.link()).isSameAs(only);
	}

	@Test
	void pausedUpstreamOpensNoMoreLinksThanBorrowersWait() {
		Upstream upstream = this.upstreams.start(TestSettings.to(this.server).max(8));
		upstream.pause();
		TestBorrower waiting = this.upstreams.borrower().waitFor(upstream);
		eventually(() -> {
			assertThat(upstream.info().links().open()).isPositive();
			assertThat(upstream.info().links().connecting()).isZero();
		});
		assertThat(upstream.info().links().open()).isEqualTo(1);
		upstream.resume();
		assertThat(waiting.link().isOpen()).isTrue();
	}

	@Test
	void whoWaitsForAPausedUpstreamIsKeptBeyondTheAcquireTimeout() throws Exception {
		Upstream upstream = this.upstreams
			.warm(TestSettings.to(this.server).minIdle(1).max(1).acquireTimeout(Duration.ofMillis(30)));
		upstream.pause();
		TestBorrower waiting = this.upstreams.borrower().waitFor(upstream);
		letPass(Duration.ofMillis(150));
		assertThat(waiting.isWaiting()).isTrue();
		assertThat(upstream.info().waiting()).isEqualTo(1);
		upstream.resume();
		assertThat(waiting.link().isOpen()).isTrue();
		assertThat(upstream.info().timeouts()).isZero();
	}

	@Test
	void whoWaitsForAPausedUpstreamIsToldSoWhenThePauseTimeoutIsOver() {
		Upstream upstream = this.upstreams.warm(TestSettings.to(this.server)
			.minIdle(1)
			.max(1)
			.acquireTimeout(Duration.ofMillis(20))
			.pauseTimeout(Duration.ofMillis(60)));
		upstream.pause();
		for (int i = 0; i < 2; i++) {
			assertThat(this.upstreams.borrower().waitFor(upstream).refusal())
				.hasMessage("upstream 'billing' - no link, because it has been paused for longer than"
						+ " pause-timeout=60 ms (open=1 of 1, idle=1, waiting=1, paused)");
		}
	}

	@Test
	void whoHasWaitedForAPausedUpstreamHasTheAcquireTimeoutFromTheResumeOn() throws Exception {
		Upstream upstream = this.upstreams
			.start(TestSettings.to(this.server).max(1).acquireTimeout(Duration.ofSeconds(1)));
		Link only = this.upstreams.borrow(upstream);
		upstream.pause();
		TestBorrower first = this.upstreams.borrower().waitFor(upstream);
		TestBorrower second = this.upstreams.borrower().waitFor(upstream);
		letPass(Duration.ofMillis(1100));
		upstream.resume();
		release(only);
		assertThat(first.link()).isSameAs(only);
		NoLinkException refusal = second.refusal();
		assertThat(refusal).hasMessageStartingWith("upstream 'billing' - no link within 1000 ms (open=1 of 1,");
	}

	@Test
	void noMoreBorrowersWaitForAPausedUpstreamThanMay() {
		Upstream upstream = this.upstreams.warm(TestSettings.to(this.server).minIdle(1).max(1).maxWaiting(1));
		upstream.pause();
		this.upstreams.borrower().waitFor(upstream);
		assertThat(this.upstreams.borrower().waitFor(upstream).refusal().reason())
			.isEqualTo(NoLinkException.Reason.TOO_MANY_WAITING);
	}

	@Test
	void serverThatCameBackInThePauseIsConnectedToAtOnceWhenTheUpstreamIsResumed() throws Exception {
		int port = TestUpstream.closedPort();
		Upstream upstream = this.upstreams
			.start(TestSettings.to().endpoint("127.0.0.1:" + port).reconnectAfter(Duration.ofHours(1)));
		upstream.pause();
		TestBorrower waiting = this.upstreams.borrower().waitFor(upstream);
		eventually(() -> assertThat(upstream.info().connectsFailed()).isEqualTo(1));
		this.upstreams.server(port, Scripts.echo());
		upstream.resume();
		assertThat(waiting.link().isOpen()).isTrue();
	}

	/** Waits until a borrower of another upstream has been refused after that time. */
	private void letPass(Duration time) throws Exception {
		Upstream other = this.upstreams
			.start(TestSettings.to().endpoint("127.0.0.1:" + TestUpstream.closedPort()).max(1).acquireTimeout(time));
		this.upstreams.borrower().waitFor(other).refusal();
	}

	@Test
	void whoWaitsIsRefusedWhenTheUpstreamStops() {
		Upstream upstream = this.upstreams.start(TestSettings.to(this.server).max(1));
		this.upstreams.borrow(upstream);
		TestBorrower waiting = this.upstreams.borrower().waitFor(upstream);
		upstream.stop();
		assertThat(waiting.refusal().reason()).isEqualTo(NoLinkException.Reason.STOPPED);
		NoLinkException refusal = this.upstreams.borrower().waitFor(upstream).refusal();
		assertThat(refusal.reason()).isEqualTo(NoLinkException.Reason.STOPPED);
		assertThat(refusal).hasMessageStartingWith("upstream 'billing' - stopped (");
		eventually(() -> assertThat(this.server.open()).isZero());
	}

	@Test
	void upstreamThatIsStartedAgainHasLinksAgain() {
		Upstream upstream = this.upstreams.warm(TestSettings.to(this.server).minIdle(2).max(2));
		upstream.stop();
		assertThat(upstream.isRunning()).isFalse();
		eventually(() -> assertThat(this.server.open()).isZero());
		upstream.start();
		assertThat(this.upstreams.borrow(upstream).isOpen()).isTrue();
		eventually(() -> assertThat(upstream.info().links()).isEqualTo(new UpstreamInfo.Links(2, 1, 1, 0, 2, 2)));
	}

}
