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
	void whoWaitsForAPausedUpstreamIsToldSoInTheEnd() {
		Upstream upstream = this.upstreams
			.warm(TestSettings.to(this.server).minIdle(1).max(1).acquireTimeout(Duration.ofMillis(30)));
		upstream.pause();
		assertThat(this.upstreams.borrower().waitFor(upstream).refusal())
			.hasMessage("upstream 'billing' - no link within 30 ms (open=1 of 1, idle=1, waiting=1, paused)");
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
