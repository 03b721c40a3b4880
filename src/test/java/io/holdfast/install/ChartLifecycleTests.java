package io.holdfast.install;

import java.nio.file.Path;
import java.time.Duration;

import com.fasterxml.jackson.databind.JsonNode;
import io.holdfast.config.GatewaySettings;
import io.holdfast.drain.DrainSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.mock.env.MockEnvironment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whether start, probes, drain and end of a pod fit each other and the application.
 */
class ChartLifecycleTests {

	private static final int DRAIN_WAIT_SECONDS = 5;

	private static final int DRAIN_TIMEOUT_SECONDS = 60;

	private static final int MARGIN_SECONDS = 10;

	@TempDir
	private Path folder;

	static Iterable<String> examples() {
		return Chart.examples();
	}

	@ParameterizedTest
	@MethodSource("examples")
	void managementPortIsTheSameEverywhere(String example) {
		Manifests manifests = Chart.example(example);
		int port = manifests.application().at("/server/port").asInt();
		assertThat(port).isPositive();
		JsonNode container = manifests.container();
		assertThat(container.path("ports").toString())
			.contains("\"name\":\"management\",\"containerPort\":" + port + ",");
		assertThat(container.at("/lifecycle/preStop/exec/command").toString())
			.isEqualTo("[\"/opt/holdfast/bin/drain\",\"" + port + "\"]");
		assertThat(manifests.only("NetworkPolicy").at("/spec/ingress/1/ports/0/port").asInt()).isEqualTo(port);
	}

	@Test
	void managementPortIsTheApplicationsOwn() {
		int port = Chart.example("default").application().at("/server/port").asInt();
		assertThat(Project.read(Path.of("src/main/resources/application.yml"))).contains("port: " + port + "\n");
		assertThat(Project.read(Path.of("src/main/docker/drain"))).contains("${1:-" + port + "}");
		assertThat(Project.read(Path.of("src/main/docker/healthcheck"))).contains("${1:-" + port + "}");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			{}                              | 75
			{ wait: 1500ms, timeout: 2m }   | 132
			{ wait: 10s }                   | 80
			{ timeout: 1h }                 | 3615
			{ rate: 50/s, timeout: 1d }     | 86415
			""")
	void gracePeriodHoldsTheWholeDrain(String drain, int seconds) {
		Manifests manifests = Chart.render(this.folder, "drain: " + drain);
		assertThat(manifests.pod().path("terminationGracePeriodSeconds").asInt()).isEqualTo(seconds);
	}

	@Test
	void drainThatIsNotGivenIsTheApplicationsOwn() {
		DrainSettings drain = GatewaySettings.from(new MockEnvironment()).drain();
		assertThat(drain.waitFor()).isEqualTo(Duration.ofSeconds(DRAIN_WAIT_SECONDS));
		assertThat(drain.timeout()).isEqualTo(Duration.ofSeconds(DRAIN_TIMEOUT_SECONDS));
	}

	@Test
	void defaultsAddUp() {
		JsonNode pod = Chart.example("default").pod();
		assertThat(pod.path("terminationGracePeriodSeconds").asInt())
			.isEqualTo(DRAIN_WAIT_SECONDS + DRAIN_TIMEOUT_SECONDS + MARGIN_SECONDS);
	}

	@Test
	void podIsUnreadyBeforeItStopsToAccept() {
		JsonNode probe = Chart.example("default").container().path("readinessProbe");
		int seconds = probe.path("periodSeconds").asInt() * probe.path("failureThreshold").asInt();
		assertThat(seconds).isPositive().isLessThan(DRAIN_WAIT_SECONDS);
	}

	@Test
	void podIsReplacedOnlyOnceAnotherIsReady() {
		JsonNode strategy = Chart.example("default").only("Deployment").at("/spec/strategy");
		assertThat(strategy.path("type").asText()).isEqualTo("RollingUpdate");
		assertThat(strategy.at("/rollingUpdate/maxUnavailable").asInt(-1)).isZero();
		assertThat(strategy.at("/rollingUpdate/maxSurge").asInt()).isPositive();
	}

}
