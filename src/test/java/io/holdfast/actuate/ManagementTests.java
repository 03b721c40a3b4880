package io.holdfast.actuate;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import io.holdfast.Holdfast;
import io.holdfast.connection.CloseReason;
import io.holdfast.connection.ConnectionInfo;
import io.holdfast.connection.ConnectionRegistry;
import io.holdfast.connection.ManualClock;
import io.holdfast.listener.Listener;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.http.client.reactive.JdkClientHttpConnector;
import org.springframework.test.web.reactive.server.WebTestClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What an operator gets from the management port, over HTTP.
 */
@SpringBootTest(classes = Holdfast.class, webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
		properties = { "gateway.listeners.echo.port=0", "gateway.listeners.echo.address=127.0.0.1",
				"gateway.listeners.echo.protocol=line", "gateway.listeners.echo.route.mode=echo",
				"gateway.listeners.frames.port=0", "gateway.listeners.frames.protocol=length32",
				"gateway.listeners.frames.route.mode=echo", "gateway.drain.wait=0s" })
@Import(ManagementTests.Time.class)
class ManagementTests {

	private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

	private static final ParameterizedTypeReference<Map<String, Object>> JSON = new ParameterizedTypeReference<>() {
	};

	@Autowired
	private ConnectionRegistry registry;

	@Autowired
	private ManualClock clock;

	@Autowired
	@Qualifier("echo.listener")
	private Listener echo;

	@Autowired
	@Qualifier("frames.listener")
	private Listener frames;

	private final List<Socket> clients = new ArrayList<>();

	private WebTestClient http;

	@BeforeEach
	void connect(@LocalServerPort int port) {
		// the JDK's client, so that a buffer that Netty's leak detection misses is the
		// server's
		this.http = WebTestClient.bindToServer(new JdkClientHttpConnector())
			.baseUrl("http://localhost:" + port + "/actuator")
			.build();
	}

	@AfterEach
	void disconnect() throws IOException {
		for (Socket client : this.clients) {
			client.close();
		}
		await().until(() -> this.registry.count() == 0);
	}

	@Test
	void onlyWhatIsMeantToBeIsExposed() {
		assertThat(body("", Links.class)._links()).containsOnlyKeys("self", "health", "health-path", "info", "metrics",
				"metrics-requiredMetricName", "prometheus", "sbom", "sbom-id", "connections", "connections-id",
				"upstreams", "upstreams-name", "listeners", "listeners-name", "drain");
	}

	@Test
	void connectionIsShownWithUnitsInItsNames() throws IOException {
		Socket client = connect(this.echo);
		Instant since = this.clock.instant();
		this.clock.advance(Duration.ofMillis(2500));
		client.getOutputStream().write("hello\n".getBytes(StandardCharsets.US_ASCII));
		assertThat(client.getInputStream().readNBytes(6)).asString().isEqualTo("hello\n");
		await().untilAsserted(() -> assertThat(body("/connections/" + id(client), JSON))
			.containsOnlyKeys("id", "listener", "remoteAddress", "localAddress", "since", "ageMillis", "idleMillis",
					"lastFrameIn", "lastFrameOut", "framesIn", "framesOut", "bytesIn", "bytesOut", "pendingInputBytes",
					"pendingOutputBytes", "state", "missedHeartbeats", "identity", "tls")
			.containsAllEntriesOf(Map.of("id", id(client), "listener", "echo", "remoteAddress",
					"127.0.0.1:" + client.getLocalPort(), "localAddress", "127.0.0.1:" + client.getPort(), "since",
					since.toString(), "ageMillis", 2500, "framesIn", 1, "framesOut", 1, "bytesIn", 6, "bytesOut", 6)));
	}

	@Test
	void pagesGoFromTheOldestOn() throws IOException {
		List<String> ids = new ArrayList<>();
		for (int i = 0; i < 3; i++) {
			ids.add(id(connect(this.echo)));
			this.clock.advance(Duration.ofSeconds(1));
		}
		assertThat(ids("/connections")).isEqualTo(ids);
		assertThat(ids("/connections?size=2")).isEqualTo(ids.subList(0, 2));
		assertThat(ids("/connections?size=2&page=1")).isEqualTo(ids.subList(2, 3));
		assertThat(ids("/connections?size=2&page=2")).isEmpty();
		assertThat(ids("/connections?size=1000&page=2147483647")).isEmpty();
		assertThat(body("/connections?size=2&page=1", JSON))
			.containsAllEntriesOf(Map.of("total", 3, "page", 1, "size", 2));
	}

	@Test
	void connectionsOfOneMomentAreOrderedById() throws IOException {
		for (int i = 0; i < 5; i++) {
			connect(this.echo);
		}
		assertThat(ids("/connections")).hasSize(5).isSorted();
	}

	@Test
	void connectionsAreFoundByListenerAndAddress() throws IOException {
		Socket first = connect(this.echo);
		this.clock.advance(Duration.ofSeconds(1));
		Socket second = connect(this.frames);
		assertThat(ids("/connections?listener=frames")).containsExactly(id(second));
		assertThat(ids("/connections?remote=127.0.0.1")).containsExactly(id(first), id(second));
		assertThat(ids("/connections?remote=127.0.0.1:" + first.getLocalPort())).containsExactly(id(first));
		assertThat(ids("/connections?remote=127.&listener=frames")).containsExactly(id(second));
		assertThat(ids("/connections?remote=10.")).isEmpty();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			page=-1 | parameter 'page' is '-1': must be a whole number from 0 to 2147483647
			size=0 | parameter 'size' is '0': must be a whole number from 1 to 1000
			size=1001 | parameter 'size' is '1001': must be a whole number from 1 to 1000
			listener=meters | parameter 'listener' is 'meters': is not a listener; known are echo, frames
			page=first | parameter 'page' is 'first': must be a whole number from 0 to 2147483647""")
	void badParameterIsRefusedWithWhatIsRight(String query, String message) {
		this.http.get()
			.uri("/connections?" + query)
			.exchange()
			.expectStatus()
			.isBadRequest()
			.expectBody()
			.jsonPath("$.message")
			.isEqualTo(message);
	}

	@Test
	void unknownConnectionIsNotFound() {
		this.http.get().uri("/connections/nobody").exchange().expectStatus().isNotFound();
		this.http.delete().uri("/connections/nobody").exchange().expectStatus().isNotFound();
	}

	@Test
	void deleteEndsOneConnectionAsKilled() throws IOException {
		double before = metric("gateway.connections.closed", "listener:echo", "reason:killed");
		Socket killed = connect(this.echo);
		Socket left = connect(this.echo);
		this.http.delete().uri("/connections/" + id(killed)).exchange().expectStatus().isNoContent();
		assertThat(killed.getInputStream().read()).isEqualTo(-1);
		assertThat(ids("/connections")).containsExactly(id(left));
		assertThat(metric("gateway.connections.closed", "listener:echo", "reason:killed")).isEqualTo(before + 1);
	}

	@Test
	void metricsCountOpeningsAndClosings() throws IOException {
		double opened = metric("gateway.connections.opened", "listener:frames");
		double reset = metric("gateway.connections.closed", "listener:frames", "reason:peer-reset");
		connect(this.frames);
		Socket broken = connect(this.frames);
		assertThat(metric("gateway.connections", "listener:frames")).isEqualTo(2);
		broken.setSoLinger(true, 0);
		broken.close();
		await().untilAsserted(
				() -> assertThat(metric("gateway.connections.closed", "listener:frames", "reason:peer-reset"))
					.isEqualTo(reset + 1));
		assertThat(metric("gateway.connections", "listener:frames")).isEqualTo(1);
		assertThat(metric("gateway.connections.opened", "listener:frames")).isEqualTo(opened + 2);
	}

	@Test
	void metricsCountFramesAndBytesBothWays() throws IOException {
		List<double[]> before = List.of(traffic("in"), traffic("out"));
		Socket client = connect(this.echo);
		client.getOutputStream().write("hello\nagain\n".getBytes(StandardCharsets.US_ASCII));
		assertThat(client.getInputStream().readNBytes(12)).hasSize(12);
		await().untilAsserted(() -> {
			assertThat(traffic("in")).containsExactly(before.get(0)[0] + 2, before.get(0)[1] + 12);
			assertThat(traffic("out")).containsExactly(before.get(1)[0] + 2, before.get(1)[1] + 12);
		});
	}

	@Test
	void everyReasonIsScrapedFromTheStart() {
		String scraped = body("/prometheus", String.class);
		for (CloseReason reason : CloseReason.values()) {
			assertThat(scraped)
				.contains("gateway_connections_closed_total{listener=\"echo\",reason=\"" + reason.text() + "\"} ");
		}
		assertThat(scraped).contains("gateway_bytes_total{direction=\"in\",listener=\"echo\",upstream=\"\"} ")
			.doesNotContain("gateway_connections_max");
	}

	@Test
	void everyQueueHasAGauge() {
		assertThat(body("/prometheus", String.class)).contains(
				"gateway_pending_bytes{direction=\"in\",listener=\"echo\"} 0.0",
				"gateway_pending_bytes{direction=\"out\",listener=\"echo\"} 0.0", "gateway_workers_active 0.0",
				"gateway_workers_queued 0.0", "gateway_workers_rejected_total 0.0", "gateway_buffers_used_bytes ");
	}

	@Test
	void everyListenerHasItsHealth() throws IOException {
		Socket client = connect(this.echo);
		this.http.get()
			.uri("/health")
			.exchange()
			.expectStatus()
			.isOk()
			.expectBody()
			.jsonPath("$.components.listeners.components.echo.status")
			.isEqualTo("UP")
			.jsonPath("$.components.listeners.components.echo.details.address")
			.isEqualTo("127.0.0.1:" + client.getPort())
			.jsonPath("$.components.listeners.components.echo.details.connections")
			.isEqualTo(1)
			.jsonPath("$.components.listeners.components.frames.status")
			.isEqualTo("UP");
	}

	@Test
	void gatewayThatDoesNotListenIsAliveButNotReady() {
		this.echo.stop();
		try {
			this.http.get().uri("/health/readiness").exchange().expectStatus().isEqualTo(503);
			this.http.get().uri("/health/liveness").exchange().expectStatus().isOk();
		}
		finally {
			this.echo.start();
		}
		this.http.get().uri("/health/readiness").exchange().expectStatus().isOk();
	}

	private Socket connect(Listener listener) throws IOException {
		int before = this.registry.count();
		Socket client = new Socket(InetAddress.getLoopbackAddress(), listener.address().getPort());
		this.clients.add(client);
		await().until(() -> this.registry.count() == before + 1);
		return client;
	}

	private String id(Socket client) {
		return this.registry.stream()
			.filter((connection) -> connection.remoteAddress().getPort() == client.getLocalPort())
			.map(ConnectionInfo::id)
			.findFirst()
			.orElseThrow();
	}

	private double[] traffic(String direction) {
		return new double[] { metric("gateway.frames", "listener:echo", "direction:" + direction),
				metric("gateway.bytes", "listener:echo", "direction:" + direction) };
	}

	private List<String> ids(String uri) {
		return body(uri, ConnectionsPage.class).connections().stream().map(ConnectionView::id).toList();
	}

	private double metric(String name, String... tags) {
		Metric metric = body("/metrics/" + name + "?tag=" + String.join("&tag=", tags), Metric.class);
		return metric.measurements().get(0).value();
	}

	private <T> T body(String uri, Class<T> type) {
		return body(uri, ParameterizedTypeReference.forType(type));
	}

	private <T> T body(String uri, ParameterizedTypeReference<T> type) {
		T body = this.http.get()
			.uri(uri)
			.exchange()
			.expectStatus()
			.isOk()
			.expectBody(type)
			.returnResult()
			.getResponseBody();
		return Objects.requireNonNull(body);
	}

	private record Links(Map<String, Object> _links) {

	}

	private record Metric(List<Measurement> measurements) {

		private record Measurement(double value) {

		}

	}

	@TestConfiguration(proxyBeanMethods = false)
	static class Time {

		@Bean
		ManualClock clock() {
			return new ManualClock(START);
		}

	}

}
