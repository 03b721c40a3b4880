package io.holdfast.actuate;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

import io.holdfast.testing.FrameClients;
import io.holdfast.testing.Scripts;
import io.holdfast.testing.UpstreamServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What an operator sees of upstreams at the management port, and what they can do there.
 */
class UpstreamsEndpointTests {

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	private static UpstreamServer server;

	private static RelayingGateway gateway;

	@BeforeAll
	static void start() {
		server = UpstreamServer.start(Scripts.echo());
		gateway = RelayingGateway.start(server.port(), "gateway.upstreams.u.links.max=4",
				"gateway.upstreams.u.links.idle-timeout=100ms", "gateway.upstreams.spare.endpoints=127.0.0.1:1",
				"gateway.upstreams.spare.protocol=line", "gateway.upstreams.spare.links.min-idle=0");
		awaitLinks();
	}

	@AfterAll
	static void stop() throws IOException {
		gateway.close();
		server.close();
	}

	@AfterEach
	void undoPause() {
		gateway.command("resume");
	}

	@Test
	void allUpstreamsAreListedByName() {
		gateway.get("/upstreams")
			.expectStatus()
			.isOk()
			.expectBody()
			.jsonPath("$.upstreams[*].name")
			.isEqualTo(List.of("spare", "u"))
			.jsonPath("$.upstreams[0].endpoints[0].state")
			.isEqualTo("unused");
	}

	@Test
	void upstreamIsShownWithTheColumnsOfShowPools() {
		gateway.get("/upstreams/u")
			.expectStatus()
			.isOk()
			.expectBody()
			.jsonPath("$.counters.connected")
			.isNumber()
			.jsonPath("$.counters.evicted.reconnect")
			.isNumber()
			.json("""
					{"name": "u", "state": "up", "paused": false, "clWaiting": 0, "maxWaitMillis": 0,
					 "links": 2, "svActive": 0, "svIdle": 2, "svLogin": 0, "max": 4, "min": 2,
					 "counters": {"timeouts": 0, "connectsFailed": 0},
					 "endpoints": [{"address": "127.0.0.1:%d", "state": "up", "links": 2, "svActive": 0,
					   "svIdle": 2, "svLogin": 0, "failures": 0, "connectFailures": 0, "nextAttemptMillis": 0}]}
					""".formatted(server.port()));
	}

	@Test
	void unknownUpstreamIsNotFound() {
		gateway.get("/upstreams/nobody").expectStatus().isNotFound();
		gateway.post("/upstreams/nobody", "{\"action\": \"pause\"}").expectStatus().isNotFound();
		gateway.post("/upstreams/nobody", "{}").expectStatus().isNotFound();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`',
			textBlock = """
					{"action": "kill"} | parameter 'action' is 'kill': must be pause, resume or reconnect
					{"action": "Pause"} | parameter 'action' is 'Pause': must be pause, resume or reconnect
					{"action": 1} | parameter 'action' is '1': must be pause, resume or reconnect
					{"action": null} | parameter 'action' is missing; give pause, resume or reconnect, such as {"action": "pause"}
					{} | parameter 'action' is missing; give pause, resume or reconnect, such as {"action": "pause"}
					| parameter 'action' is missing; give pause, resume or reconnect, such as {"action": "pause"}""")
	void otherActionIsRefusedWithTheKnownOnes(@Nullable String body, String message) {
		gateway.post("/upstreams/u", body)
			.expectStatus()
			.isBadRequest()
			.expectBody()
			.jsonPath("$.message")
			.isEqualTo(message);
		assertThat(gateway.view().paused()).isFalse();
	}

	@ParameterizedTest
	@CsvSource(quoteCharacter = '`', delimiter = '|', value = { "{\"action\": ", "\"pause\"", "[\"pause\"]" })
	void bodyThatIsNoObjectIsRefused(String body) {
		gateway.post("/upstreams/u", body).expectStatus().isBadRequest();
	}

	@Test
	void pauseLetsFramesWaitAndResumeLetsThemGo() {
		gateway.command("pause").jsonPath("$.paused").isEqualTo(true).jsonPath("$.state").isEqualTo("up");
		try (FrameClients clients = gateway.clients(3)) {
			await().atMost(PATIENCE).untilAsserted(() -> {
				UpstreamView view = gateway.view();
				assertThat(view.clWaiting()).isEqualTo(3);
				assertThat(view.maxWaitMillis()).isPositive();
			});
			assertThat(clients.replied()).isZero();
			gateway.command("resume").jsonPath("$.paused").isEqualTo(false);
			await().atMost(PATIENCE).until(() -> clients.replied() >= 30);
			clients.stop(PATIENCE);
			assertThat(clients.closed()).as(clients.toString()).isZero();
			assertThat(clients.outstanding()).as(clients.toString()).isZero();
		}
		awaitLinks();
	}

	@Test
	void pauseHoldsUpTrafficThatFlows() {
		try (FrameClients clients = gateway.clients(2)) {
			await().atMost(PATIENCE).until(() -> clients.replied() >= 10);
			gateway.command("pause");
			await().atMost(PATIENCE).until(() -> gateway.view().svActive() == 0 && gateway.view().clWaiting() == 2);
			long before = clients.replied();
			gateway.command("resume");
			await().atMost(PATIENCE).until(() -> clients.replied() >= before + 10);
			clients.stop(PATIENCE);
			assertThat(clients.outstanding()).as(clients.toString()).isZero();
		}
		awaitLinks();
	}

	@Test
	void reconnectReplacesIdleLinks() {
		int accepted = server.accepted();
		long evicted = evictedForReconnect();
		gateway.command("reconnect").jsonPath("$.replacing").isEqualTo(2).jsonPath("$.name").isEqualTo("u");
		await().atMost(PATIENCE).until(() -> server.accepted() == accepted + 2);
		// each once its replacement is open
		await().atMost(PATIENCE).until(() -> evictedForReconnect() == evicted + 2);
		awaitLinks();
		await().atMost(PATIENCE).until(() -> server.open() == 2);
	}

	@Test
	void reconnectUnderLoadLosesNothing() {
		int accepted = server.accepted();
		try (FrameClients clients = gateway.clients(4)) {
			await().atMost(PATIENCE).until(() -> clients.replied() >= 10);
			gateway.command("reconnect");
			await().atMost(PATIENCE).until(() -> server.accepted() >= accepted + 2);
			long before = clients.replied();
			await().atMost(PATIENCE).until(() -> clients.replied() >= before + 10);
			clients.stop(PATIENCE);
			assertThat(clients.closed() + clients.wrong() + clients.outstanding()).as(clients.toString()).isZero();
		}
		awaitLinks();
	}

	private static long evictedForReconnect() {
		return gateway.view().counters().evicted().getOrDefault("reconnect", 0L);
	}

	/** Until min-idle links are open, and no other. */
	private static void awaitLinks() {
		await().atMost(PATIENCE).untilAsserted(() -> {
			UpstreamView view = gateway.view();
			assertThat(view.svIdle()).isEqualTo(2);
			assertThat(view.links()).isEqualTo(2);
			assertThat(view.svLogin()).isZero();
		});
	}

}
