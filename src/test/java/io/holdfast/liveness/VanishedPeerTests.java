package io.holdfast.liveness;

import java.nio.charset.StandardCharsets;
import java.time.Duration;

import io.holdfast.connection.CloseReason;
import io.holdfast.testing.Cable;
import io.holdfast.testing.TestGateway;
import io.holdfast.testing.UpstreamServer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Peers that are gone without a word: what a switched-off device or a pulled cable leaves
 * behind. In real time, through the kernel.
 */
class VanishedPeerTests {

	private static final Duration INTERVAL = Duration.ofMillis(500);

	private static final int MAX_MISSED = 2;

	@BeforeAll
	static void assumePossible() throws Exception {
		Cable.assumePossible();
	}

	@Test
	void isClosedWithinASecondOfTheHeartbeatsThatItMayMiss() throws Exception {
		try (TestGateway gateway = TestGateway.start("gateway.protocols.meter.extends=line",
				"gateway.protocols.meter.heartbeat.probe.text=PING",
				"gateway.protocols.meter.heartbeat.reply.text=PONG", "gateway.listeners.a.port=0",
				"gateway.listeners.a.protocol=meter", "gateway.listeners.a.route.mode=echo",
				"gateway.listeners.a.liveness.heartbeat-interval=" + INTERVAL.toMillis() + "ms",
				"gateway.listeners.a.liveness.max-missed=" + MAX_MISSED);
				VanishingPeer peer = VanishingPeer.connect(gateway.port("a"))) {
			Liveness liveness = gateway.bean("a.liveness", Liveness.class);
			await().until(() -> liveness.count(HeartbeatResult.ACKNOWLEDGED) >= 2);
			peer.vanish();
			// one interval until it is asked
			await().atMost(INTERVAL.multipliedBy(1 + MAX_MISSED).plusSeconds(1))
				.untilAsserted(() -> assertThat(gateway.closeReasons()).containsExactly(CloseReason.HEARTBEAT_MISSED));
			assertThat(liveness.count(HeartbeatResult.MISSED)).isGreaterThanOrEqualTo(MAX_MISSED);
			assertThat(peer.isConnected()).isTrue();
		}
	}

	@Test
	void isClosedByTheKernelWhenItAcknowledgesNoByteForTheUserTimeout() throws Exception {
		try (UpstreamServer upstream = UpstreamServer.start((content, client) -> {
		});
				TestGateway gateway = TestGateway.start("gateway.listeners.a.port=0",
						"gateway.listeners.a.protocol=line", "gateway.listeners.a.route.mode=relay",
						"gateway.listeners.a.route.upstream=u", "gateway.listeners.a.route.sharing=dedicated",
						"gateway.listeners.a.tcp.user-timeout=2s",
						"gateway.upstreams.u.endpoints=127.0.0.1:" + upstream.port(),
						"gateway.upstreams.u.protocol=length32");
				VanishingPeer peer = VanishingPeer.connect(gateway.port("a"))) {
			await().until(() -> upstream.count() == 1);
			peer.vanish();
			upstream.send("are you there?".getBytes(StandardCharsets.US_ASCII));
			// left to itself, the kernel takes a quarter of an hour
			await().atMost(Duration.ofSeconds(20))
				.untilAsserted(() -> assertThat(gateway.closeReasons()).containsExactly(CloseReason.IO_ERROR));
			assertThat(peer.isConnected()).isTrue();
		}
	}

}
