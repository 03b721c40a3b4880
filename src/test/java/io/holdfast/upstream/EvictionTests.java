package io.holdfast.upstream;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

import io.holdfast.testing.Scripts;
import io.holdfast.testing.UpstreamServer;
import io.holdfast.testing.UpstreamServer.Peer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static io.holdfast.upstream.TestUpstream.eventually;
import static io.holdfast.upstream.TestUpstream.release;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Links that the pool closes of its own accord.
 */
class EvictionTests {

	@RegisterExtension
	private final TestUpstream upstreams = new TestUpstream();

	private final UpstreamServer server = this.upstreams.server(Scripts.echo());

	@Test
	void idleLinksBeyondMinIdleAreClosed() {
		Upstream upstream = this.upstreams
			.warm(TestSettings.to(this.server).minIdle(1).max(4).idleTimeout(Duration.ofMillis(100)));
		List<Link> lent = this.upstreams.borrow(upstream, 4);
		eventually(() -> assertThat(this.server.accepted()).isEqualTo(4));
		lent.forEach(TestUpstream::release);
		eventually(() -> assertThat(this.server.open()).isEqualTo(1));
		assertThat(upstream.info().links()).isEqualTo(new UpstreamInfo.Links(1, 0, 1, 0, 4, 1));
		assertThat(upstream.info().evicted()).isEqualTo(Map.of(Eviction.IDLE, 3L));
		assertThat(this.server.accepted()).isEqualTo(4);
	}

	@Test
	void oldLinkIsReplacedWhenItIsIdleAndElseWhenItIsGivenBack() {
		Upstream upstream = this.upstreams
			.warm(TestSettings.to(this.server).minIdle(1).max(2).maxLifetime(Duration.ofSeconds(1)));
		Link lent = this.upstreams.borrow(upstream);
		eventually(() -> {
			assertThat(upstream.info().evicted()).containsEntry(Eviction.LIFETIME, 1L);
			assertThat(lent.isRetiring()).isTrue();
		});
		assertThat(lent.isOpen()).isTrue();
		eventually(() -> assertThat(upstream.info().links().idle()).isEqualTo(1));
		release(lent);
		eventually(() -> assertThat(lent.isOpen()).isFalse());
		assertThat(upstream.info().evicted()).hasEntrySatisfying(Eviction.LIFETIME,
				(count) -> assertThat(count).isGreaterThanOrEqualTo(2));
		assertThat(upstream.info().links().lent()).isZero();
	}

	@Test
	void reconnectReplacesIdleLinksOneByOneAndLentOnesWhenTheyAreGivenBack() {
		Upstream upstream = this.upstreams.warm(TestSettings.to(this.server).minIdle(2).max(3));
		Link lent = this.upstreams.borrow(upstream);
		this.upstreams.borrow(upstream).release();
		eventually(() -> assertThat(upstream.info().links().idle()).isEqualTo(1));
		int open = upstream.info().links().open();
		assertThat(upstream.reconnect()).isEqualTo(open);
		eventually(() -> {
			assertThat(upstream.info().evicted()).isEqualTo(Map.of(Eviction.RECONNECT, (long) open - 1));
			assertThat(upstream.info().links().idle()).isEqualTo(2);
			assertThat(lent.isRetiring()).isTrue();
		});
		assertThat(lent.isOpen()).isTrue();
		release(lent);
		eventually(() -> assertThat(lent.isOpen()).isFalse());
		assertThat(upstream.info().evicted()).isEqualTo(Map.of(Eviction.RECONNECT, (long) open));
	}

	@Test
	void outdatedLinksServeOnWhileNoneCanBeOpenedInTheirPlace() {
		Upstream upstream = this.upstreams
			.warm(TestSettings.to(this.server).minIdle(2).max(4).maxLifetime(Duration.ofSeconds(1)));
		eventually(() -> assertThat(this.server.accepted()).isEqualTo(2));
		this.server.stopListening();
		eventually(() -> assertThat(upstream.info().connectsFailed()).isGreaterThan(3));
		assertThat(upstream.info().evicted()).isEmpty();
		assertThat(upstream.info().links()).extracting(UpstreamInfo.Links::open, UpstreamInfo.Links::idle)
			.containsExactly(2, 2);
		TestUser user = TestUser.of(this.upstreams.borrow(upstream));
		user.send(new byte[] { 4 });
		assertThat(user.frame()).containsExactly(4);
		this.upstreams.server(this.server.port(), Scripts.echo());
		eventually(() -> assertThat(upstream.info().evicted()).containsKey(Eviction.LIFETIME));
	}

	@Test
	void reconnectClosesNothingWhileNoneCanBeOpenedInstead() {
		Upstream upstream = this.upstreams.warm(TestSettings.to(this.server).minIdle(2).max(4));
		eventually(() -> assertThat(this.server.accepted()).isEqualTo(2));
		Link lent = this.upstreams.borrow(upstream);
		this.server.stopListening();
		upstream.reconnect();
		eventually(() -> assertThat(upstream.info().connectsFailed()).isGreaterThan(3));
		assertThat(upstream.info().evicted()).isEmpty();
		assertThat(lent.isRetiring()).isFalse();
		release(lent);
		assertThat(this.upstreams.borrow(upstream)).isSameAs(lent);
	}

	@Test
	void fullPoolLosesOneLinkAtMostWhenNoneCanBeOpenedInstead() {
		Upstream upstream = this.upstreams.warm(TestSettings.to(this.server).minIdle(3).max(3));
		eventually(() -> assertThat(this.server.accepted()).isEqualTo(3));
		this.server.stopListening();
		upstream.reconnect();
		eventually(() -> assertThat(upstream.info().connectsFailed()).isGreaterThan(10));
		assertThat(upstream.info().evicted()).isEqualTo(Map.of(Eviction.RECONNECT, 1L));
		assertThat(upstream.info().links().idle()).isEqualTo(2);
	}

	@Test
	void linkInUseOfAFullPoolServesOnWhenItIsGivenBackWhileNoneCanBeOpenedInstead() {
		Upstream upstream = this.upstreams.warm(TestSettings.to(this.server).minIdle(2).max(2));
		eventually(() -> assertThat(this.server.accepted()).isEqualTo(2));
		List<Link> lent = this.upstreams.borrow(upstream, 2);
		upstream.reconnect();
		List<Link> retiring = lent.stream().filter(Link::isRetiring).toList();
		assertThat(retiring).hasSize(1);
		this.server.stopListening();
		Link other = lent.stream().filter((link) -> !link.isRetiring()).findFirst().orElseThrow();
		other.discard(Eviction.UNREAD);
		eventually(() -> assertThat(upstream.info().connectsFailed()).isPositive());
		release(retiring.get(0));
		assertThat(this.upstreams.borrow(upstream)).isSameAs(retiring.get(0)).matches(Link::isOpen);
		assertThat(upstream.info().evicted()).isEqualTo(Map.of(Eviction.UNREAD, 1L));
	}

	@Test
	void fullPoolIsReplacedWithoutEverBeingBeyondMax() {
		Upstream upstream = this.upstreams.warm(TestSettings.to(this.server).minIdle(3).max(3));
		eventually(() -> assertThat(this.server.accepted()).isEqualTo(3));
		assertThat(upstream.reconnect()).isEqualTo(3);
		eventually(() -> {
			assertThat(upstream.info().links().open()).isLessThanOrEqualTo(3);
			assertThat(upstream.info().evicted()).isEqualTo(Map.of(Eviction.RECONNECT, 3L));
			assertThat(upstream.info().links().idle()).isEqualTo(3);
		});
		assertThat(this.server.accepted()).isEqualTo(6);
	}

	@Test
	void givenBackLinkWithUnreadBytesIsNotLentAgain() {
		this.server.script((content, peer) -> peer.raw(new byte[] { 0, 0, 0 }));
		Upstream upstream = this.upstreams.start(TestSettings.to(this.server).max(1));
		Link link = this.upstreams.borrow(upstream);
		TestUser.of(link).send(new byte[1]);
		eventually(() -> assertThat(hasUnread(link)).isTrue());
		release(link);
		assertThat(this.upstreams.borrow(upstream)).isNotSameAs(link);
		assertThat(upstream.info().evicted()).isEqualTo(Map.of(Eviction.UNREAD, 1L));
		assertThat(link.isOpen()).isFalse();
	}

	@Test
	void idleLinkThatGetsBytesNobodyAskedForIsNotLentAgain() throws IOException {
		AtomicReference<Peer> captured = new AtomicReference<>();
		this.server.script((content, peer) -> captured.set(peer));
		Upstream upstream = this.upstreams.start(TestSettings.to(this.server).max(1));
		Link link = this.upstreams.borrow(upstream);
		TestUser.of(link).send(new byte[1]);
		eventually(() -> assertThat(captured).doesNotHaveNullValue());
		release(link);
		Objects.requireNonNull(captured.get()).raw(new byte[] { 0, 0, 0 });
		eventually(() -> assertThat(hasUnread(link)).isTrue());
		assertThat(this.upstreams.borrow(upstream)).isNotSameAs(link);
		assertThat(upstream.info().evicted()).isEqualTo(Map.of(Eviction.UNREAD, 1L));
	}

	@Test
	void wholeFrameOnAnIdleLinkGoesToWhoTakesThem() {
		Upstream upstream = this.upstreams.warm(TestSettings.to(this.server).minIdle(1).max(1));
		AtomicReference<byte[]> taken = new AtomicReference<>();
		upstream.receive((link, frame, first) -> taken.set(frame));
		eventually(() -> assertThat(this.server.accepted()).isEqualTo(1));
		this.server.send(new byte[] { 7, 8 });
		eventually(() -> assertThat(taken.get()).containsExactly(7, 8));
		assertThat(upstream.info().evicted()).isEmpty();
		assertThat(this.upstreams.borrow(upstream).isOpen()).isTrue();
	}

	@Test
	void linkThatTheServerHasHalfClosedIsNotLentAgain() throws IOException {
		try (ServerSocket listener = listener()) {
			Upstream upstream = this.upstreams.start(to(listener).max(1));
			Link link = this.upstreams.borrow(upstream);
			TestUpstream.on(link.eventLoop(), () -> link.onLoop().holdEnd(true));
			try (Socket accepted = listener.accept()) {
				accepted.shutdownOutput();
				eventually(() -> assertThat(hasUnread(link)).isTrue());
				assertThat(link.isOpen()).isTrue();
				release(link);
				assertThat(this.upstreams.borrow(upstream)).isNotSameAs(link);
				assertThat(upstream.info().evicted()).isEqualTo(Map.of(Eviction.UNREAD, 1L));
				assertThat(accepted.getInputStream().read()).isEqualTo(-1);
			}
		}
	}

	@Test
	void idleLinkThatTheServerHasHalfClosedIsClosed() throws IOException {
		try (ServerSocket listener = listener()) {
			Upstream upstream = this.upstreams.start(to(listener).max(1));
			Link link = this.upstreams.borrow(upstream);
			release(link);
			try (Socket accepted = listener.accept()) {
				accepted.shutdownOutput();
				assertThat(accepted.getInputStream().read()).isEqualTo(-1);
			}
			eventually(() -> assertThat(upstream.info().links().open()).isZero());
			assertThat(this.upstreams.borrow(upstream)).isNotSameAs(link).matches(Link::isOpen);
		}
	}

	@Test
	void discardedLinkIsLostToItsUserAndReplaced() {
		Upstream upstream = this.upstreams.start(TestSettings.to(this.server).max(1));
		Link link = this.upstreams.borrow(upstream);
		TestUser user = TestUser.of(link);
		TestBorrower waiting = this.upstreams.borrower().waitFor(upstream);
		link.discard(Eviction.TIMED_OUT);
		link.discard(Eviction.UNREAD);
		assertThat(waiting.link()).isNotSameAs(link);
		eventually(() -> assertThat(user.isLost()).isTrue());
		assertThat(upstream.info().evicted()).isEqualTo(Map.of(Eviction.TIMED_OUT, 1L));
	}

	private static TestSettings to(ServerSocket listener) {
		return TestSettings.to().endpoint("127.0.0.1:" + listener.getLocalPort());
	}

	private static ServerSocket listener() throws IOException {
		return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
	}

	private static boolean hasUnread(Link link) {
		AtomicBoolean unread = new AtomicBoolean();
		TestUpstream.on(link.eventLoop(), () -> unread.set(link.onLoop().hasUnread()));
		return unread.get();
	}

}
