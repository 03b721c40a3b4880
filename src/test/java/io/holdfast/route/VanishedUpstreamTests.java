package io.holdfast.route;

import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.holdfast.connection.CloseReason;
import io.holdfast.testing.Cable;
import io.holdfast.testing.UpstreamProcess;
import io.holdfast.upstream.Eviction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * An upstream server that is gone without a word, and comes back: what a pulled cable or
 * a failing switch does to links. In real time, through the kernel.
 */
class VanishedUpstreamTests {

	private static final Duration INTERVAL = Duration.ofMillis(500);

	private static final int MAX_MISSED = 2;

	private static final int PATIENCE_MILLIS = 20_000;

	private Cable cable;

	private UpstreamProcess server;

	@BeforeAll
	static void assumePossible() throws Exception {
		Cable.assumePossible();
	}

	@BeforeEach
	void start() throws Exception {
		this.cable = Cable.join();
		this.server = UpstreamProcess.start(this.cable);
	}

	@AfterEach
	void stop() {
		this.server.close();
		this.cable.close();
	}

	@ParameterizedTest
	@EnumSource(names = "DEDICATED", mode = EnumSource.Mode.EXCLUDE)
	void itsIdleLinksAreReplacedWhenItIsBackAndTheClientStays(Sharing sharing) throws Exception {
		try (RelayRig rig = rig(sharing, "route.on-failure.reply.text=no reply",
				"gateway.protocols.numbered.heartbeat.probe.hex=" + "ff".repeat(8),
				"gateway.protocols.numbered.heartbeat.reply.hex=" + "ff".repeat(8),
				"gateway.upstreams.servers.liveness.heartbeat-interval=" + INTERVAL.toMillis() + "ms",
				"gateway.upstreams.servers.liveness.max-missed=" + MAX_MISSED)) {
			Socket client = rig.connect();
			exchange(client, "before");
			this.cable.pull();
			// one interval until it is asked
			await().atMost(INTERVAL.multipliedBy(1 + MAX_MISSED).plusSeconds(1))
				.untilAsserted(() -> assertThat(rig.upstream().info().evicted()).as(rig::toString)
					.containsKey(Eviction.HEARTBEAT_MISSED));
			await().untilAsserted(() -> assertThat(rig.upstream().info().down()).as(rig::toString).isTrue());
			RelayRig.send(client, content("meanwhile"));
			assertThat(RelayRig.receive(client)).isEqualTo(RelayRig.FAILURE);
			this.cable.plug();
			rig.awaitThatPoolIsWarm();
			exchange(client, "after");
			rig.awaitThatCountsAddUp();
			assertThat(rig.gateway().closeReasons()).isEmpty();
		}
	}

	@Test
	void aLinkWithAFrameUnderWayIsBrokenByTheKernelAfterTheUserTimeout() throws Exception {
		try (RelayRig rig = rig(Sharing.PIPELINED, "route.on-failure.reply.text=no reply",
				"gateway.upstreams.servers.tcp.user-timeout=2s", "route.reply-timeout=1m")) {
			Socket client = rig.connect();
			exchange(client, "before");
			this.cable.pull();
			RelayRig.send(client, content("meanwhile"));
			// left to itself, the kernel takes a quarter of an hour
			client.setSoTimeout(PATIENCE_MILLIS);
			assertThat(RelayRig.receive(client)).isEqualTo(RelayRig.FAILURE);
			rig.awaitCount(Outcome.LINK_LOST, 1);
		}
	}

	@Test
	void aDedicatedLinkTakesItsClientAlong() throws Exception {
		try (RelayRig rig = rig(Sharing.DEDICATED, "gateway.upstreams.servers.tcp.user-timeout=2s")) {
			Socket client = rig.connect();
			exchange(client, "before");
			this.cable.pull();
			RelayRig.send(client, content("meanwhile"));
			client.setSoTimeout(PATIENCE_MILLIS);
			assertThat(client.getInputStream().read()).isEqualTo(-1);
			client.close();
			await().untilAsserted(() -> assertThat(rig.gateway().closeReasons()).as(rig::toString)
				.containsExactly(CloseReason.UPSTREAM_LOST));
		}
	}

	private RelayRig rig(Sharing sharing, String... settings) {
		List<String> all = new ArrayList<>(List.of(settings));
		all.add("gateway.upstreams.servers.endpoints=" + this.cable.farAddress() + ":" + this.server.port());
		all.add("links.connect-timeout=500ms");
		all.add("links.acquire-timeout=200ms");
		return RelayRig.start(sharing, List.of(), all.toArray(String[]::new));
	}

	private static void exchange(Socket client, String text) throws Exception {
		RelayRig.send(client, content(text));
		assertThat(RelayRig.receive(client)).isEqualTo(content(text));
	}

	/** Long enough to have a number. */
	private static byte[] content(String text) {
		return String.format("%-16s", text).getBytes(StandardCharsets.US_ASCII);
	}

}
