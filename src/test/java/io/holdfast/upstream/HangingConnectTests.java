package io.holdfast.upstream;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

import io.holdfast.testing.DroppingServer;
import io.holdfast.testing.Scripts;
import io.holdfast.testing.UpstreamServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static io.holdfast.upstream.TestUpstream.eventually;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * An endpoint that does not answer attempts to connect, beside one that does.
 */
class HangingConnectTests {

	@RegisterExtension
	private final TestUpstream upstreams = new TestUpstream();

	private final UpstreamServer healthy = this.upstreams.server(Scripts.echo());

	@Test
	void everyBorrowerIsServedByTheOtherEndpointWithinTheAcquireTimeout() throws Exception {
		Upstream upstream = this.upstreams.start(withADeadOneFirst().max(8));
		for (int i = 0; i < 8; i++) {
			assertThat(this.upstreams.borrow(upstream)).hasToString("127.0.0.1:" + this.healthy.port());
		}
		assertThat(upstream.info().timeouts()).isZero();
	}

	@Test
	void everyBorrowerThatKeepsItsLinkIsServedToo() throws Exception {
		Upstream upstream = this.upstreams.start(withADeadOneFirst().max(12));
		List<TestBorrower> keepers = IntStream.range(0, 12)
			.mapToObj((i) -> (i % 2 == 0) ? this.upstreams.loop() : this.upstreams.otherLoop())
			.map((loop) -> new TestBorrower(loop).keepingIt().waitFor(upstream))
			.toList();
		assertThat(keepers).extracting(TestBorrower::link).doesNotHaveDuplicates().allMatch(Link::isOpen);
		assertThat(upstream.info().timeouts()).isZero();
	}

	@Test
	void attemptThatHangsTakesNoRoomFromTheOtherEndpoint() throws Exception {
		Upstream upstream = this.upstreams.start(withADeadOneFirst().max(1));
		assertThat(this.upstreams.borrow(upstream).isOpen()).isTrue();
		assertThat(upstream.info().links()).isEqualTo(new UpstreamInfo.Links(1, 1, 0, 1, 1, 0));
	}

	@Test
	void minIdleIsKeptByTheOtherEndpoint() throws Exception {
		Upstream upstream = this.upstreams.start(withADeadOneFirst().minIdle(4).max(8));
		upstream.warmUp();
		eventually(() -> assertThat(upstream.info().links().idle()).isEqualTo(4));
		assertThat(upstream.info().down()).isFalse();
	}

	private TestSettings withADeadOneFirst() throws Exception {
		DroppingServer dead = this.upstreams.closing(DroppingServer.start());
		return TestSettings.to()
			.endpoint("127.0.0.1:" + dead.port())
			.endpoint("127.0.0.1:" + this.healthy.port())
			.acquireTimeout(Duration.ofSeconds(2));
	}

}
