package io.holdfast.actuate;

import io.holdfast.Holdfast;
import org.junit.jupiter.api.Test;

import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.http.client.reactive.JdkClientHttpConnector;
import org.springframework.test.web.reactive.server.WebTestClient;

/**
 * The management port as it is shipped.
 */
@SpringBootTest(classes = Holdfast.class, webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
		properties = { "gateway.listeners.any.port=0", "gateway.listeners.any.protocol=line",
				"gateway.listeners.any.route.mode=echo" })
class ManagementDefaultsTests {

	@Test
	void connectionsAreShownButNotEnded(@LocalServerPort int port) {
		WebTestClient http = WebTestClient.bindToServer(new JdkClientHttpConnector())
			.baseUrl("http://localhost:" + port)
			.build();
		http.get().uri("/actuator/connections").exchange().expectStatus().isOk();
		http.delete().uri("/actuator/connections/a").exchange().expectStatus().isEqualTo(405);
	}

}
