package io.holdfast.drain;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.holdfast.testing.FrameClients;
import io.holdfast.testing.GatewayProcess;
import io.holdfast.testing.Scripts;
import io.holdfast.testing.UpstreamServer;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * An instance of the gateway is replaced under load.
 */
class RolloutIT {

	private static final int CLIENTS = 200;

	private static final int RATE = 100;

	private static final int REPLY_TIMEOUT_SECONDS = 5;

	/** How long clients, gateways and upstream may be held up by a busy machine. */
	private static final Duration PATIENCE = Duration.ofSeconds(30);

	private static final Pattern SUMMARY = Pattern
		.compile("drain - ended: 200 connections left in order, 0 were cut, 0 of them with something pending, after "
				+ "(\\d+\\.\\d) s");

	private static GatewayProcess gateway(int upstream) throws Exception {
		return GatewayProcess.start(Path.of(System.getProperty("java.home")), "--server.port=0",
				"--gateway.listeners.r.port=0", "--gateway.listeners.r.protocol=length32",
				"--gateway.listeners.r.route.mode=relay", "--gateway.listeners.r.route.upstream=u",
				"--gateway.listeners.r.route.sharing=pipelined", "--gateway.listeners.r.route.unchecked=true",
				"--gateway.listeners.r.route.reply-timeout=" + REPLY_TIMEOUT_SECONDS + "s",
				"--gateway.upstreams.u.endpoints=127.0.0.1:" + upstream, "--gateway.upstreams.u.protocol=length32",
				"--gateway.drain.wait=1s", "--gateway.drain.rate=" + RATE + "/s");
	}

	@Test
	void clientsMoveToTheOtherInstanceAndNoReplyIsLost() throws Exception {
		try (UpstreamServer upstream = UpstreamServer.start(Scripts.late(Duration.ofMillis(20)));
				GatewayProcess a = gateway(upstream.port());
				GatewayProcess b = gateway(upstream.port())) {
			upstream.keepFrames(false);
			FrameClients.Options options = new FrameClients.Options(List.of(a.awaitPort("r"), b.awaitPort("r")),
					CLIENTS, /* depth= */ 2, /* size= */ 200, /* inOrder= */ true, null,
					/* reconnect= */ true);
			try (FrameClients clients = FrameClients.start(options)) {
				await().atMost(PATIENCE).until(() -> clients.replied() > 10 * CLIENTS);
				a.terminate();
				assertThat(a.awaitExit()).isZero();
				await().atMost(PATIENCE).until(() -> clients.reconnected() == CLIENTS);
				long moved = clients.replied();
				await().atMost(PATIENCE).until(() -> clients.replied() > moved + 10 * CLIENTS);
				clients.stop(PATIENCE);
				assertThat(clients.closed()).as(clients::toString).isEqualTo(CLIENTS);
				assertThat(clients.broken() + clients.wrong() + clients.duplicated() + clients.failed()
						+ clients.outstanding())
					.as(clients::toString)
					.isZero();
				// each reply that the upstream has given has come to its client
				assertThat(clients.replied()).as(clients::toString).isEqualTo(upstream.count());
			}
			assertThat(a.output()).containsPattern(SUMMARY).doesNotContain("\tat ", "ERROR");
			Matcher summary = SUMMARY.matcher(a.output());
			assertThat(summary.find()).isTrue();
			// never faster than the rate allows, and no slower than a reply may be
			double seconds = Double.parseDouble(summary.group(1));
			assertThat(seconds).isBetween((double) CLIENTS / RATE - 0.1,
					(double) CLIENTS / RATE + REPLY_TIMEOUT_SECONDS + PATIENCE.toSeconds());
			assertThat(b.output()).doesNotContain("\tat ", "ERROR", "WARN");
		}
	}

}
