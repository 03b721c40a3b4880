package io.holdfast.actuate;

import java.io.IOException;
import java.time.Duration;

import io.holdfast.testing.Scripts;
import io.holdfast.testing.TestGateway;
import io.holdfast.testing.UpstreamServer;
import org.junit.jupiter.api.Test;

import org.springframework.http.client.reactive.JdkClientHttpConnector;
import org.springframework.test.web.reactive.server.WebTestClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The health of upstreams at the management port.
 */
class UpstreamHealthTests {

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	@Test
	void upstreamIsDownWhileItIsGoneAndTheGatewayStaysReady() throws IOException {
		UpstreamServer server = UpstreamServer.start(Scripts.echo());
		try (RelayingGateway gateway = RelayingGateway.start(server.port())) {
			int port = server.port();
			await().atMost(PATIENCE).until(() -> server.accepted() == 2);
			awaitHealth(gateway, "UP", "up");
			server.close();
			awaitHealth(gateway, "DOWN", "down");
			gateway.get("/health").expectStatus().isEqualTo(503);
			gateway.get("/health/readiness").expectStatus().isOk();
			gateway.get("/health/liveness").expectStatus().isOk();
			assertThat(gateway.view().state()).isEqualTo("down");
			try (UpstreamServer again = UpstreamServer.start(port, Scripts.echo())) {
				await().atMost(PATIENCE).until(() -> again.accepted() == 2);
				awaitHealth(gateway, "UP", "up");
				gateway.get("/health").expectStatus().isOk();
			}
		}
	}

	@Test
	void healthHasTheNumbersOfLinks() throws IOException {
		try (UpstreamServer server = UpstreamServer.start(Scripts.echo());
				RelayingGateway gateway = RelayingGateway.start(server.port())) {
			await().atMost(PATIENCE).until(() -> gateway.view().svIdle() == 2);
			gateway.command("pause");
			gateway.get("/health/upstreams/u").expectStatus().isOk().expectBody().json("""
					{"status": "UP", "details": {"paused": true, "links": 2, "active": 0, "idle": 2, "connecting": 0,
					  "max": 16, "pending": 0, "endpoints": {"127.0.0.1:%d": "up"}}}
					""".formatted(server.port()));
		}
	}

	@Test
	void upstreamThatHasNotBeenTriedIsUp() throws IOException {
		try (RelayingGateway gateway = RelayingGateway.start(1, "gateway.upstreams.u.links.min-idle=0")) {
			awaitHealth(gateway, "UP", "unused");
		}
	}

	@Test
	void gatewayWithoutUpstreamsHasNoHealthOfThem() throws IOException {
		try (TestGateway gateway = TestGateway.start("gateway.listeners.e.port=0", "gateway.listeners.e.protocol=line",
				"gateway.listeners.e.route.mode=echo")) {
			WebTestClient.bindToServer(new JdkClientHttpConnector())
				.baseUrl("http://localhost:" + gateway.managementPort() + "/actuator")
				.build()
				.get()
				.uri("/health")
				.exchange()
				.expectStatus()
				.isOk()
				.expectBody()
				.jsonPath("$.status")
				.isEqualTo("UP")
				.jsonPath("$.components.listeners")
				.exists()
				.jsonPath("$.components.upstreams")
				.doesNotExist();
		}
	}

	private static void awaitHealth(RelayingGateway gateway, String status, String endpoint) {
		await().atMost(PATIENCE)
			.untilAsserted(() -> gateway.get("/health/upstreams/u")
				.expectBody()
				.jsonPath("$.status")
				.isEqualTo(status)
				.jsonPath("$.details.endpoints[*]")
				.isEqualTo(endpoint));
	}

}
