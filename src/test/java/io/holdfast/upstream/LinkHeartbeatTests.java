package io.holdfast.upstream;

import java.time.Duration;
import java.util.Arrays;
import java.util.Map;

import io.holdfast.testing.Scripts;
import io.holdfast.testing.UpstreamServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static io.holdfast.upstream.TestUpstream.eventually;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Links whose upstream is silent.
 */
class LinkHeartbeatTests {

	private static final Duration INTERVAL = Duration.ofMillis(200);

	@RegisterExtension
	private final TestUpstream upstreams = new TestUpstream();

	@Test
	void idleLinkOfASilentUpstreamIsReplaced() {
		UpstreamServer server = this.upstreams.server(Scripts.silent());
		Upstream upstream = this.upstreams.warm(TestSettings.to(server).minIdle(1).max(2).heartbeat(INTERVAL, 2));
		eventually(() -> assertThat(server.received()).contains(TestUpstream.PROBE));
		eventually(() -> assertThat(upstream.info().evicted()).containsKey(Eviction.HEARTBEAT_MISSED));
		eventually(() -> assertThat(server.accepted()).isGreaterThan(1));
	}

	@Test
	void linkWhoseUpstreamAnswersStaysAndIsLent() {
		UpstreamServer server = this.upstreams.server((frame, peer) -> {
			if (Arrays.equals(frame, TestUpstream.PROBE)) {
				peer.reply(TestUpstream.ALIVE);
			}
			else {
				peer.reply(frame);
			}
		});
		Upstream upstream = this.upstreams.warm(TestSettings.to(server).minIdle(1).max(2).heartbeat(INTERVAL, 2));
		eventually(() -> assertThat(server.count()).isGreaterThanOrEqualTo(6));
		assertThat(server.accepted()).isEqualTo(1);
		assertThat(upstream.info().evicted()).isEqualTo(Map.of());
		TestUser user = TestUser.of(this.upstreams.borrow(upstream));
		user.send(new byte[] { 1 });
		assertThat(user.frame()).containsExactly(1);
	}

	@Test
	void linkInUseIsWatchedToo() {
		UpstreamServer server = this.upstreams.server(Scripts.silent());
		Upstream upstream = this.upstreams.warm(TestSettings.to(server).minIdle(1).max(1).heartbeat(INTERVAL, 2));
		TestUser user = TestUser.of(this.upstreams.borrow(upstream));
		eventually(() -> assertThat(user.isLost()).isTrue());
		eventually(() -> assertThat(upstream.info().evicted()).containsKey(Eviction.HEARTBEAT_MISSED));
	}

}
