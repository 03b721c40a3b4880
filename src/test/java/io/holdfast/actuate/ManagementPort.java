package io.holdfast.actuate;

import java.util.Objects;

import io.holdfast.testing.TestGateway;
import org.jspecify.annotations.Nullable;

import org.springframework.http.MediaType;
import org.springframework.http.client.reactive.JdkClientHttpConnector;
import org.springframework.test.web.reactive.server.WebTestClient;

/**
 * An operator at the management port.
 */
final class ManagementPort {

	private final WebTestClient http;

	ManagementPort(TestGateway gateway) {
		// the JDK's client, so that a buffer that Netty's leak detection misses is the
		// server's
		this.http = WebTestClient.bindToServer(new JdkClientHttpConnector())
			.baseUrl("http://localhost:" + gateway.managementPort() + "/actuator")
			.build();
	}

	int status(String uri) {
		return this.http.get().uri(uri).exchange().returnResult().getStatus().value();
	}

	<T> T get(String uri, Class<T> type) {
		return body(this.http.get().uri(uri).exchange().expectStatus().isOk(), type);
	}

	/** Posts no parameter. */
	<T> T postAccepted(String uri, Class<T> type) {
		return body(post(uri, "{}").expectStatus().isEqualTo(202), type);
	}

	<T> T command(String uri, String action, Class<T> type) {
		return body(post(uri, "{\"action\": \"%s\"}".formatted(action)).expectStatus().isOk(), type);
	}

	/** What is said to a command that is not carried out. */
	String refusal(String uri, @Nullable String json) {
		return body(post(uri, json).expectStatus().isBadRequest(), Refusal.class).message();
	}

	/** What came back with a status. */
	String body(WebTestClient.ResponseSpec response, int status) {
		return body(response.expectStatus().isEqualTo(status), String.class);
	}

	WebTestClient.ResponseSpec post(String uri, @Nullable String json) {
		WebTestClient.RequestBodySpec request = this.http.post().uri(uri).contentType(MediaType.APPLICATION_JSON);
		return ((json != null) ? request.bodyValue(json) : request).exchange();
	}

	private static <T> T body(WebTestClient.ResponseSpec response, Class<T> type) {
		return Objects.requireNonNull(response.expectBody(type).returnResult().getResponseBody());
	}

	private record Refusal(String message) {

	}

}
