package io.holdfast.config;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

/**
 * Upstreams that lead back to the same gateway.
 */
class OwnListenersTests {

	private static OwnListeners relay(String address, String endpoint) {
		return new OwnListeners(GatewaySettingsTests.settings("listeners.a.port=7000", "listeners.a.protocol=line",
				"listeners.a.address=" + address, "listeners.a.route.mode=relay", "listeners.a.route.upstream=u",
				"listeners.a.route.sharing=dedicated", "listeners.e.port=7001", "listeners.e.protocol=line",
				"listeners.e.route.mode=echo", "upstreams.u.endpoints[0]=10.0.0.5:7000",
				"upstreams.u.endpoints[1]=" + endpoint, "upstreams.u.protocol=line"));
	}

	@ParameterizedTest
	@CsvSource({ "0.0.0.0, 127.0.0.1:7000", "0.0.0.0, localhost:7000", "0.0.0.0, 127.0.0.9:7000",
			"0.0.0.0, 0.0.0.0:7000", "'::', '[::1]:7000'", "127.0.0.1, 127.0.0.1:7000", "127.0.0.1, localhost:7000",
			"127.0.0.1, 0.0.0.0:7000" })
	void relayToItselfIsRefused(String address, String endpoint) {
		assertThatExceptionOfType(InvalidConfigurationPropertyValueException.class)
			.isThrownBy(() -> relay(address, endpoint).check())
			.returns("gateway.upstreams.u.endpoints[1]", InvalidConfigurationPropertyValueException::getName)
			.withMessageContaining("is listener 'a' of this gateway, which relays as well")
			.withMessageContaining("give the address of a server");
	}

	@ParameterizedTest
	@CsvSource({ "0.0.0.0, 127.0.0.1:7002", "127.0.0.1, 127.0.0.2:7000", "0.0.0.0, 192.0.2.1:7000",
			"0.0.0.0, 127.0.0.1:7001", "0.0.0.0, server.example:7000" })
	void otherServersAndListenersThatAnswerThemselvesAreFine(String address, String endpoint) {
		assertThatNoException().isThrownBy(() -> relay(address, endpoint).check());
	}

	@Test
	void demoIsFine() {
		assertThatNoException().isThrownBy(() -> new OwnListeners(GatewaySettingsTests.settings()).check());
	}

}
