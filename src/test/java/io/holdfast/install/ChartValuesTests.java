package io.holdfast.install;

import java.nio.file.Path;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * What is said when values are wrong: where, and what would be right.
 */
class ChartValuesTests {

	@TempDir
	private Path folder;

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`',
			textBlock = """
					replica: 3                                                         | replica
					listeners: { meters: { port: 9000, protocol: line, route: { mod: echo } } } | 'mod'
					listeners: { meters: { port: 9000, protocol: line } }               | /listeners/meters': missing property 'route'
					listeners: { meters: { port: 0, protocol: line, route: { mode: echo } } } | /listeners/meters/port': minimum
					listeners: { Meters: { port: 9000, protocol: line, route: { mode: echo } } } | 'Meters'
					listeners: { meters: { port: "9000", protocol: line, route: { mode: echo } } } | /listeners/meters/port': got string, want integer
					listeners: { meters: { port: 9000, protocol: line, liveness: { idle-timeout: 300 }, route: { mode: echo } } } | /idle-timeout': got number, want string
					listeners: { meters: { port: 9000, protocol: line, route: { mode: relais } } } | /route/mode': value must be one of
					upstreams: { billing: { protocol: line } }                         | missing property 'endpoints'
					drain: { wait: 5 seconds }                                         | /drain/wait
					service: { type: ExternalName }                                    | /service/type
					image: { digest: latest }                                          | /image/digest
					tls: { meters: { certificate: {} } }                               | missing property 'issuerRef'
					autoscaling: { by: cpu }                                           | /autoscaling/by': value must be one of '', 'hpa', 'keda'
					listeners: { a: { port: 9, protocol: line, route: { mode: echo } }, b: { port: 9, protocol: line, route: { mode: echo } } } | listeners.b.port is 9, which listeners.a has already
					listeners: { a: { port: 8081, protocol: line, route: { mode: echo } } } | listeners.a.port is 8081, which management.port has already
					service: { ports: { meters: 443 } }                                | service.ports.meters names no listener; known are echo
					config: { gateway: { listeners: {} } }                             | config.gateway is not read; put listeners
					config: { gateway.listeners.a.port: 1 }                            | config.gateway.listeners.a.port is not read
					config: { server: { port: 80 } }                                   | config.server.port is not read; give management.port
					tls: { meters: { trust: ca.crt } }                                 | tls.meters needs a secretName, or a certificate
					resources: { limits: { memory: 512MB } }                           | resources.limits.memory is 512MB; give a number and a unit
					autoscaling: { by: keda }                                          | autoscaling.keda.serverAddress is missing
					""")
	void wrongValueIsRefusedWithItsPlace(String values, String message) {
		assertThatThrownBy(() -> Chart.render(this.folder, values)).hasMessageContaining(message);
	}

}
