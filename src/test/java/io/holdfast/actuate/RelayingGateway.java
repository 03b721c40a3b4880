package io.holdfast.actuate;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import io.holdfast.testing.FrameClients;
import io.holdfast.testing.TestGateway;
import org.jspecify.annotations.Nullable;

import org.springframework.http.MediaType;
import org.springframework.http.client.reactive.JdkClientHttpConnector;
import org.springframework.test.web.reactive.server.WebTestClient;

/**
 * A gateway whose listener {@code r} relays to upstream {@code u}, and its management
 * port.
 */
final class RelayingGateway implements AutoCloseable {

	private final TestGateway gateway;

	private final WebTestClient http;

	private RelayingGateway(TestGateway gateway) {
		this.gateway = gateway;
		// the JDK's client, so that a buffer that Netty's leak detection misses is the
		// server's
		this.http = WebTestClient.bindToServer(new JdkClientHttpConnector())
			.baseUrl("http://localhost:" + gateway.managementPort() + "/actuator")
			.build();
	}

	/**
	 * Starts it.
	 * @param port where the upstream listens
	 * @param settings more of them, or others in place of the usual ones
	 */
	static RelayingGateway start(int port, String... settings) {
		Map<String, String> all = new LinkedHashMap<>(Map.of("gateway.listeners.r.port", "0",
				"gateway.listeners.r.protocol", "length32", "gateway.listeners.r.route.mode", "relay",
				"gateway.listeners.r.route.upstream", "u", "gateway.listeners.r.route.sharing", "pipelined",
				"gateway.upstreams.u.endpoints", "127.0.0.1:" + port, "gateway.upstreams.u.protocol", "numbered",
				"gateway.upstreams.u.reconnect.initial", "50ms", "gateway.upstreams.u.reconnect.max", "200ms"));
		all.put("gateway.protocols.numbered.extends", "length32");
		all.put("gateway.protocols.numbered.correlation.size", "4");
		for (String setting : settings) {
			String[] parts = setting.split("=", 2);
			all.put(parts[0], parts[1]);
		}
		String[] lines = all.entrySet().stream().map(Object::toString).toArray(String[]::new);
		return new RelayingGateway(TestGateway.start(lines));
	}

	/**
	 * Starts clients with one request in flight each.
	 */
	FrameClients clients(int count) {
		return FrameClients.start(new FrameClients.Options(this.gateway.port("r"), count, 1, 64, true, null,
				/* reconnect= */ false));
	}

	WebTestClient.ResponseSpec get(String uri) {
		return this.http.get().uri(uri).exchange();
	}

	/**
	 * Posts a body.
	 * @param json {@code null} for none
	 */
	WebTestClient.ResponseSpec post(String uri, @Nullable String json) {
		WebTestClient.RequestBodySpec request = this.http.post().uri(uri).contentType(MediaType.APPLICATION_JSON);
		return ((json != null) ? request.bodyValue(json) : request).exchange();
	}

	/**
	 * Has a command carried out.
	 */
	WebTestClient.BodyContentSpec command(String action) {
		return post("/upstreams/u", "{\"action\": \"%s\"}".formatted(action)).expectStatus().isOk().expectBody();
	}

	UpstreamView view() {
		return body("/upstreams/u", UpstreamView.class);
	}

	/**
	 * What Prometheus reads, without the help.
	 */
	List<String> scrape() {
		return body("/prometheus", String.class).lines().filter((line) -> !line.startsWith("#")).toList();
	}

	/**
	 * The value of one series.
	 * @param series its name and tags, as Prometheus reads them
	 */
	double scrape(String series) {
		return scrape().stream()
			.filter((line) -> line.startsWith(series + " "))
			.mapToDouble((line) -> Double.parseDouble(line.substring(series.length() + 1)))
			.findFirst()
			.orElseThrow(() -> new AssertionError("no series " + series));
	}

	private <T> T body(String uri, Class<T> type) {
		return Objects.requireNonNull(get(uri).expectStatus().isOk().expectBody(type).returnResult().getResponseBody());
	}

	@Override
	public void close() throws IOException {
		this.gateway.close();
	}

}
