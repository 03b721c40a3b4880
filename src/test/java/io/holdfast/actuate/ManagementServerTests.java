package io.holdfast.actuate;

import java.io.IOException;

import io.holdfast.testing.TestGateway;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A gateway whose management has a server of its own, with
 * {@code management.server.port}.
 */
class ManagementServerTests {

	@Test
	void serverOfItsOwnForManagementIsGuardedAsWell() throws IOException {
		try (TestGateway gateway = TestGateway.start("management.server.port=0", "gateway.listeners.a.port=0",
				"gateway.listeners.a.protocol=line", "gateway.listeners.a.route.mode=echo")) {
			int port = gateway.localManagementPort();
			assertThat(port).isNotEqualTo(gateway.managementPort());
			RawRequest empty = new RawRequest("POST", "/actuator/drain").header("Content-Length", "0");
			assertThat(empty.to(port).status()).isEqualTo(415);
			RawRequest rebound = new RawRequest("GET", "/actuator/drain").header("Host", "evil.example");
			assertThat(rebound.to(port).status()).isEqualTo(403);
			assertThat(new RawRequest("POST", "/actuator/drain").json("{}").to(port).status()).isEqualTo(202);
		}
	}

}
