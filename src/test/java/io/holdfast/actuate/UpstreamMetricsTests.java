package io.holdfast.actuate;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

import io.holdfast.route.Outcome;
import io.holdfast.testing.FrameClients;
import io.holdfast.testing.Scripts;
import io.holdfast.testing.UpstreamServer;
import io.holdfast.upstream.Eviction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The metrics of upstreams and relays, as Prometheus reads them.
 */
class UpstreamMetricsTests {

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	private UpstreamServer server;

	@BeforeEach
	void start() {
		this.server = UpstreamServer.start(Scripts.echo());
	}

	@AfterEach
	void stop() {
		this.server.close();
	}

	@Test
	void everySeriesExistsFromTheStart() throws IOException {
		try (RelayingGateway gateway = gateway("gateway.upstreams.u.links.min-idle=0")) {
			List<String> scraped = gateway.scrape();
			assertThat(scraped).contains("gateway_links{upstream=\"u\"} 0.0",
					"gateway_links_active{upstream=\"u\"} 0.0", "gateway_links_idle{upstream=\"u\"} 0.0",
					"gateway_links_pending{upstream=\"u\"} 0.0", "gateway_links_max{upstream=\"u\"} 16.0",
					"gateway_links_min{upstream=\"u\"} 0.0", "gateway_links_maxwait_seconds{upstream=\"u\"} 0.0",
					"gateway_links_timeout_total{upstream=\"u\"} 0.0",
					"gateway_links_acquire_seconds_count{upstream=\"u\"} 0",
					"gateway_links_usage_seconds_count{upstream=\"u\"} 0",
					"gateway_links_creation_seconds_count{upstream=\"u\"} 0",
					"gateway_reconnects_total{result=\"connected\",upstream=\"u\"} 0.0",
					"gateway_reconnects_total{result=\"failed\",upstream=\"u\"} 0.0",
					"gateway_route_latency_seconds_count{listener=\"r\"} 0");
			for (Eviction reason : Eviction.values()) {
				assertThat(scraped)
					.contains("gateway_links_evicted_total{reason=\"%s\",upstream=\"u\"} 0.0".formatted(reason.text()));
			}
			for (Outcome outcome : Outcome.values()) {
				assertThat(scraped).contains(
						"gateway_route_outcomes_total{listener=\"r\",outcome=\"%s\"} 0.0".formatted(outcome.text()));
			}
		}
	}

	@Test
	void trafficOfListenersAndOfUpstreamsIsScrapedUnderOneName() throws IOException {
		try (RelayingGateway gateway = gateway(); FrameClients clients = gateway.clients(2)) {
			await().atMost(PATIENCE).until(() -> clients.replied() >= 10);
			clients.stop(PATIENCE);
			double sent = clients.sent();
			for (String direction : List.of("in", "out")) {
				for (String owner : List.of("listener=\"r\",upstream=\"\"", "listener=\"\",upstream=\"u\"")) {
					String tags = "{direction=\"%s\",%s}".formatted(direction, owner);
					await().untilAsserted(() -> {
						assertThat(gateway.scrape("gateway_frames_total" + tags)).isEqualTo(sent);
						assertThat(gateway.scrape("gateway_bytes_total" + tags)).isEqualTo(sent * 68);
					});
				}
			}
		}
	}

	@Test
	void everyReplyIsCountedAndTimed() throws IOException {
		try (RelayingGateway gateway = gateway(); FrameClients clients = gateway.clients(2)) {
			await().atMost(PATIENCE).until(() -> clients.replied() >= 10);
			clients.stop(PATIENCE);
			double replied = clients.replied();
			assertThat(gateway.scrape(outcome(Outcome.REPLIED))).isEqualTo(replied);
			assertThat(gateway.scrape("gateway_route_latency_seconds_count{listener=\"r\"}")).isEqualTo(replied);
			assertThat(gateway.scrape("gateway_route_latency_seconds_sum{listener=\"r\"}")).isPositive();
		}
	}

	@Test
	void requestWithoutReplyIsCountedAsTimedOut() throws IOException {
		this.server.script(Scripts.silent());
		try (RelayingGateway gateway = gateway("gateway.listeners.r.route.reply-timeout=100ms");
				FrameClients clients = gateway.clients(1)) {
			await().atMost(PATIENCE).until(() -> clients.closed() == 1);
			assertThat(gateway.scrape(outcome(Outcome.TIMED_OUT))).isEqualTo(1);
			await().untilAsserted(
					() -> assertThat(gateway.scrape("gateway_links_evicted_total{reason=\"timed-out\",upstream=\"u\"}"))
						.isEqualTo(1));
		}
	}

	@Test
	void linksAreCountedAndTimedWhileTheyAreUsed() throws IOException {
		try (RelayingGateway gateway = gateway("gateway.listeners.r.route.sharing=dedicated",
				"gateway.upstreams.u.links.min-idle=1"); FrameClients clients = gateway.clients(2)) {
			await().atMost(PATIENCE).until(() -> clients.replied() >= 10);
			await().untilAsserted(() -> assertThat(gateway.scrape()).contains("gateway_links{upstream=\"u\"} 3.0",
					"gateway_links_active{upstream=\"u\"} 2.0", "gateway_links_idle{upstream=\"u\"} 1.0",
					"gateway_links_acquire_seconds_count{upstream=\"u\"} 2",
					"gateway_links_creation_seconds_count{upstream=\"u\"} 3",
					"gateway_reconnects_total{result=\"connected\",upstream=\"u\"} 3.0"));
			clients.stop(PATIENCE);
			await()
				.untilAsserted(() -> assertThat(gateway.scrape()).contains("gateway_links_active{upstream=\"u\"} 0.0",
						"gateway_links_usage_seconds_count{upstream=\"u\"} 2"));
		}
	}

	@Test
	void waitForLinksThatCannotBeHadIsSeenAndCounted() throws IOException {
		this.server.close();
		try (RelayingGateway gateway = gateway("gateway.upstreams.u.links.acquire-timeout=1s");
				FrameClients clients = gateway.clients(1)) {
			await().atMost(PATIENCE).untilAsserted(() -> {
				assertThat(gateway.scrape("gateway_links_pending{upstream=\"u\"}")).isEqualTo(1);
				assertThat(gateway.scrape("gateway_links_maxwait_seconds{upstream=\"u\"}")).isBetween(0.1, 1.0);
			});
			await().atMost(PATIENCE).until(() -> clients.closed() == 1);
			assertThat(gateway.scrape("gateway_links_pending{upstream=\"u\"}")).isZero();
			assertThat(gateway.scrape("gateway_links_timeout_total{upstream=\"u\"}")).isEqualTo(1);
			assertThat(gateway.scrape("gateway_reconnects_total{result=\"failed\",upstream=\"u\"}")).isPositive();
			assertThat(gateway.scrape(outcome(Outcome.NO_LINK))).isEqualTo(1);
		}
	}

	private RelayingGateway gateway(String... settings) {
		return RelayingGateway.start(this.server.port(), settings);
	}

	private static String outcome(Outcome outcome) {
		return "gateway_route_outcomes_total{listener=\"r\",outcome=\"%s\"}".formatted(outcome.text());
	}

}
