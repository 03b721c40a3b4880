package io.holdfast.install;

import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.JsonNode;
import io.holdfast.config.GatewaySettings;
import io.holdfast.testing.Scripts;
import io.holdfast.testing.TestGateway;
import io.holdfast.testing.UpstreamServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.ssl.SslBundles;
import org.springframework.core.env.Environment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the application makes of the settings that the chart writes for it.
 */
class ChartGatewayTests {

	private static final Pattern METRIC = Pattern.compile("gateway_[a-z_]+");

	/** Reported for listeners with a bound alone, and there is none in the examples. */
	private static final Set<String> WHERE_BOUNDED = Set.of("gateway_connections_max");

	@TempDir
	private Path folder;

	@Test
	void withoutValuesOneListenerGivesBackLinesAndTheProbesSucceed() throws Exception {
		Manifests manifests = Chart.example("default");
		try (TestGateway gateway = start(manifests, "gateway.listeners.echo.port=0")) {
			assertThat(gateway.bean(GatewaySettings.class).listeners()).containsOnlyKeys("echo");
			assertThat(echo(gateway, "echo", "hello")).isEqualTo("hello");
			for (String probe : List.of("startupProbe", "readinessProbe", "livenessProbe")) {
				JsonNode request = manifests.container().path(probe).path("httpGet");
				assertThat(request.path("port").asText()).isEqualTo("management");
				assertThat(get(gateway, request.path("path").asText()).statusCode()).as(probe).isEqualTo(200);
			}
		}
	}

	@Test
	void managementPortAnswersToItsServiceAndToTheNamesOfTheValues() throws Exception {
		Manifests manifests = Chart.example("default", "management.allowed-hosts[0]=gateway.example.org");
		try (TestGateway gateway = start(manifests, "gateway.listeners.echo.port=0")) {
			String service = manifests.object("Service/edge-holdfast-management").at("/metadata/name").asText();
			for (String host : List.of(service, service + ".gateways", service + ".gateways.svc",
					service + ".gateways.svc.cluster.local", "gateway.example.org")) {
				assertThat(statusAs(gateway, host)).as(host).isEqualTo("HTTP/1.1 200 OK");
			}
			assertThat(statusAs(gateway, service + ".elsewhere.svc")).isEqualTo("HTTP/1.1 403 Forbidden");
		}
	}

	/** Through a socket: the JDK's client lets nobody set the Host. */
	private static String statusAs(TestGateway gateway, String host) throws IOException {
		try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.managementPort())) {
			socket.setSoTimeout(10_000);
			String request = "GET /actuator/prometheus HTTP/1.1\r\nHost: %s:8081\r\n\r\n".formatted(host);
			socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
			return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))
				.readLine();
		}
	}

	@Test
	void relayReachesItsUpstreamAndReportsEveryMetricOfTheAlerts() throws Exception {
		try (UpstreamServer upstream = UpstreamServer.start(Scripts.echo());
				TestGateway gateway = start(Chart.example("relay"), "gateway.listeners.meters.port=0",
						"gateway.upstreams.billing.endpoints=127.0.0.1:" + upstream.port(),
						"gateway.protocols.billing.extends=length32")) {
			Socket client = gateway.connect("meters");
			new DataOutputStream(client.getOutputStream()).writeUTF("hello");
			assertThat(new DataInputStream(client.getInputStream()).readUTF()).isEqualTo("hello");
			assertThat(gateway.bean(Environment.class).getProperty("gateway.upstreams.billing.links.max-waiting"))
				.isEqualTo("1000000");
			List<String> reported = get(gateway, servicePath()).body().lines().toList();
			assertThat(metricsOfTheAlerts()).isNotEmpty()
				.allSatisfy((name) -> assertThat(reported).anyMatch((line) -> line.startsWith(name + "{")));
		}
	}

	private static String servicePath() {
		return Chart.example("monitoring").only("ServiceMonitor").at("/spec/endpoints/0/path").asText();
	}

	private static Set<String> metricsOfTheAlerts() {
		Set<String> names = new TreeSet<>();
		Chart.example("everything")
			.only("PrometheusRule")
			.findValuesAsText("expr")
			.forEach((expression) -> METRIC.matcher(expression).results().forEach((found) -> names.add(found.group())));
		names.removeAll(WHERE_BOUNDED);
		return names;
	}

	@Test
	void everythingAtOnceStartsWithItsCertificatesAndSecrets() throws Exception {
		Path secret = Files.createDirectories(this.folder.resolve("opt/holdfast/secrets/gateway-credentials"));
		Files.writeString(secret.resolve("billing.password"), "of the secret");
		PemFiles.make(this.folder.resolve("opt/holdfast/tls/modem"));
		try (TestGateway gateway = start(Chart.example("everything"), "gateway.listeners.modem.port=0",
				"gateway.listeners.payment-terminals-of-the-north.port=0",
				"gateway.upstreams.core.endpoints=127.0.0.1:1")) {
			assertThat(echo(gateway, "payment-terminals-of-the-north", "hello")).isEqualTo("hello");
			assertThat(gateway.connect("modem").isConnected()).isTrue();
			assertThat(gateway.bean(Environment.class).getProperty("billing.password")).isEqualTo("of the secret");
			assertThat(gateway.bean(SslBundles.class).getBundle("modem").getStores().getKeyStore()).isNotNull();
		}
	}

	/**
	 * Starts the application with the chart's settings, as if this folder were the root
	 * of the file system.
	 */
	private TestGateway start(Manifests manifests, String... settings) throws IOException {
		Path config = Files.createDirectories(this.folder.resolve("config"));
		Files.writeString(config.resolve("application.yml"),
				manifests.applicationText().replace("/opt/holdfast/", this.folder + "/opt/holdfast/"));
		List<String> all = new ArrayList<>(List.of(settings));
		all.add("spring.config.additional-location=file:" + config + "/");
		return TestGateway.start(all.toArray(String[]::new));
	}

	private static String echo(TestGateway gateway, String listener, String line) throws IOException {
		Socket client = gateway.connect(listener);
		client.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
		return new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8)).readLine();
	}

	private static HttpResponse<String> get(TestGateway gateway, String path) throws Exception {
		URI uri = URI.create("http://localhost:" + gateway.managementPort() + path);
		return HttpClient.newHttpClient()
			.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
	}

}
