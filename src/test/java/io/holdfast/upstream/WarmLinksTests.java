package io.holdfast.upstream;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import io.holdfast.testing.Scripts;
import io.holdfast.testing.UpstreamServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.util.unit.DataSize;

import static io.holdfast.upstream.TestUpstream.eventually;
import static io.holdfast.upstream.TestUpstream.release;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * How many links an upstream has.
 */
class WarmLinksTests {

	@RegisterExtension
	private final TestUpstream upstreams = new TestUpstream();

	private final UpstreamServer server = this.upstreams.server(Scripts.echo());

	@Test
	void minIdleLinksAreOpenedByTheWarmUp() {
		Upstream upstream = this.upstreams.start(TestSettings.to(this.server).minIdle(3));
		assertThat(upstream.info().links()).isEqualTo(new UpstreamInfo.Links(0, 0, 0, 0, 8, 3));
		upstream.warmUp();
		eventually(() -> assertThat(upstream.info().links()).isEqualTo(new UpstreamInfo.Links(3, 0, 3, 0, 8, 3)));
		eventually(() -> assertThat(this.server.accepted()).isEqualTo(3));
		assertThat(upstream.info().connected()).isEqualTo(3);
		assertThat(upstream.info().down()).isFalse();
	}

	@Test
	void minIdleLinksAreOpenedAgainAfterTheServerHasClosedThem() {
		Upstream upstream = this.upstreams.warm(TestSettings.to(this.server).minIdle(3));
		eventually(() -> assertThat(this.server.accepted()).isEqualTo(3));
		this.server.closeConnections();
		eventually(() -> {
			assertThat(this.server.accepted()).isGreaterThanOrEqualTo(6);
			assertThat(upstream.info().links().idle()).isEqualTo(3);
		});
		assertThat(upstream.info().links().open()).isEqualTo(3);
	}

	@Test
	void minIdleLinksAreKeptBesideThoseThatAreLent() {
		Upstream upstream = this.upstreams.warm(TestSettings.to(this.server).minIdle(2));
		List<Link> lent = this.upstreams.borrow(upstream, 2);
		assertThat(lent).doesNotHaveDuplicates();
		lent.forEach((link) -> assertThat(link.connection().closeCause()).isEmpty());
		this.upstreams.borrow(upstream);
		eventually(() -> assertThat(upstream.info().links()).isEqualTo(new UpstreamInfo.Links(5, 3, 2, 0, 8, 2)));
	}

	@Test
	void linkIsOpenedWhenSomebodyWantsOne() {
		Upstream upstream = this.upstreams.start(TestSettings.to(this.server));
		Link link = this.upstreams.borrow(upstream);
		TestUser user = TestUser.of(link);
		user.send(new byte[] { 1, 2 });
		assertThat(user.frame()).containsExactly(1, 2);
		assertThat(upstream.info().links()).isEqualTo(new UpstreamInfo.Links(1, 1, 0, 0, 8, 0));
		release(link);
		assertThat(upstream.info().links()).isEqualTo(new UpstreamInfo.Links(1, 0, 1, 0, 8, 0));
		assertThat(this.upstreams.borrow(upstream)).isSameAs(link);
	}

	@ParameterizedTest
	@ValueSource(ints = { 64, 4096 })
	void linkTakesOutputUpToHalfOfWhatMayBeUnread(int kilobytes) {
		this.server.script(Scripts.notReading());
		Upstream upstream = this.upstreams
			.start(TestSettings.to(this.server).maxPendingOutput(DataSize.ofKilobytes(kilobytes)));
		Link link = this.upstreams.borrow(upstream);
		TestUser.of(link);
		eventually(() -> {
			TestUpstream.on(link.eventLoop(), () -> {
				while (link.isWritable()) {
					link.onLoop().offer(new byte[1000]);
				}
			});
			assertThat(link.connection().traffic().pendingOutput()).isBetween(kilobytes * 512L, kilobytes * 768L);
		});
	}

	@Test
	void linkThatHasEndedIsLostToWhoTakesItIntoUse() {
		Upstream upstream = this.upstreams.start(TestSettings.to(this.server));
		Link link = this.upstreams.borrow(upstream);
		eventually(() -> assertThat(this.server.accepted()).isEqualTo(1));
		this.server.closeConnections();
		eventually(() -> assertThat(upstream.info().links().open()).isZero());
		assertThat(TestUser.of(link).isLost()).isTrue();
		assertThat(upstream.info().links().lent()).isZero();
	}

	@Test
	void stormOfBorrowersNeverHasMoreLinksThanMax() throws Exception {
		Upstream upstream = this.upstreams.start(TestSettings.to(this.server).minIdle(1).max(4));
		upstream.warmUp();
		Set<Link> held = ConcurrentHashMap.newKeySet();
		ExecutorService threads = Executors.newFixedThreadPool(50);
		this.upstreams.closing(threads::shutdownNow);
		List<Future<?>> storm = new ArrayList<>();
		for (int i = 0; i < 50; i++) {
			var loop = (i % 2 == 0) ? this.upstreams.loop() : this.upstreams.otherLoop();
			storm.add(threads.submit(() -> {
				for (int turn = 0; turn < 40; turn++) {
					Link link = this.upstreams.borrow(upstream, new TestBorrower(loop));
					assertThat(held.add(link)).isTrue();
					assertThat(held).hasSizeLessThanOrEqualTo(4);
					assertThat(this.server.open()).isLessThanOrEqualTo(4);
					held.remove(link);
					link.release();
				}
			}));
		}
		for (Future<?> borrower : storm) {
			borrower.get(20, TimeUnit.SECONDS);
		}
		eventually(() -> assertThat(upstream.info().links().lent()).isZero());
		assertThat(this.server.accepted()).isLessThanOrEqualTo(4);
		assertThat(upstream.info().waiting()).isZero();
		assertThat(upstream.info().links().idle()).isEqualTo(upstream.info().links().open());
	}

}
