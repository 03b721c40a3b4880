package io.holdfast.install;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.marcnuri.helm.LintResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * What the chart makes of its values.
 */
class ChartTests {

	@TempDir
	private Path folder;

	static List<String> examples() {
		return Chart.examples();
	}

	@Test
	void strictLintHasNothingToSay() {
		LintResult result = Chart.lint();
		assertThat(result.isFailed()).as(() -> String.join("\n", result.getMessages())).isFalse();
		assertThat(result.getMessages()).noneMatch((message) -> message.contains("[WARNING]"));
	}

	@ParameterizedTest
	@MethodSource("examples")
	void everyObjectHasOnlyFieldsThatItsKindKnows(String example) {
		Manifests manifests = Chart.example(example);
		assertThat(manifests.names()).doesNotHaveDuplicates().contains("Deployment/" + name(manifests));
		manifests.objects()
			.forEach((object) -> assertThatCode(() -> KubernetesModel.check(object)).as(Manifests.name(object))
				.doesNotThrowAnyException());
	}

	@ParameterizedTest
	@ValueSource(strings = { "/spec", "/spec/template/spec", "/spec/template/spec/containers/0/startupProbe/httpGet" })
	void fieldThatItsKindDoesNotKnowIsFound(String place) {
		JsonNode deployment = Chart.example("default").only("Deployment");
		((ObjectNode) deployment.at(place)).put("replica", 1);
		assertThatThrownBy(() -> KubernetesModel.check(deployment)).hasMessageContaining("\"replica\"");
	}

	@Test
	void numberWhereKubernetesWantsTextIsFound() {
		JsonNode deployment = Chart.example("default").only("Deployment");
		((ObjectNode) deployment.at("/spec/template/spec/containers/0/env/0")).put("value", 1);
		assertThatThrownBy(() -> KubernetesModel.check(deployment)).hasMessageContaining("\"value\"");
	}

	@ParameterizedTest
	@MethodSource("examples")
	void everyObjectSaysToWhomItBelongs(String example) {
		Chart.example(example).objects().forEach((object) -> {
			assertThat(object.at("/metadata/labels")).as(Manifests.name(object))
				.anyMatch((label) -> label.asText().startsWith("holdfast-"))
				.anyMatch((label) -> label.asText().equals("edge"));
			assertThat(object.at("/metadata/namespace").asText()).isEqualTo("gateways");
		});
	}

	@Test
	void oneMapOfListenersMakesAllPorts() {
		Manifests manifests = Chart.example("everything");
		JsonNode service = manifests.object("Service/edge-gateway");
		assertThat(ports(manifests.container().at("/ports"), "name", "containerPort"))
			.containsExactlyInAnyOrder("modem:102", "tcp-9001:9001", "management:8091");
		assertThat(ports(service.at("/spec/ports"), "name", "port")).containsExactlyInAnyOrder("modem:1102",
				"tcp-9001:9001");
		assertThat(ports(service.at("/spec/ports"), "targetPort", "nodePort")).containsExactlyInAnyOrder("modem:30102",
				"tcp-9001:");
		assertThat(ports(manifests.only("NetworkPolicy").at("/spec/ingress/0/ports"), "protocol", "port"))
			.containsExactlyInAnyOrder("TCP:102", "TCP:9001");
		assertThat(manifests.application().at("/gateway/listeners/modem/port").asInt()).isEqualTo(102);
	}

	private static Stream<String> ports(JsonNode ports, String first, String second) {
		return Stream.iterate(0, (index) -> index < ports.size(), (index) -> index + 1)
			.map(ports::get)
			.map((port) -> port.path(first).asText() + ":" + port.path(second).asText());
	}

	@Test
	void managementPortIsNotOnTheServiceThatClientsUse() {
		Manifests manifests = Chart.example("relay");
		assertThat(manifests.object("Service/edge-holdfast").at("/spec/ports").toString()).doesNotContain("8081");
		assertThat(manifests.object("Service/edge-holdfast-management").at("/spec/type").asText())
			.isEqualTo("ClusterIP");
		assertThat(manifests.only("NetworkPolicy").at("/spec/ingress/1").toString()).contains("8081", "monitoring");
	}

	@Test
	void portBelow1024NeedsNoCapability() {
		Manifests manifests = Chart.example("everything");
		assertThat(manifests.pod().at("/securityContext/sysctls/0").toString())
			.isEqualTo("{\"name\":\"net.ipv4.ip_unprivileged_port_start\",\"value\":\"102\"}");
		assertThat(manifests.container().at("/securityContext/capabilities").toString())
			.isEqualTo("{\"drop\":[\"ALL\"]}");
		assertThat(Chart.example("relay").pod().at("/securityContext").has("sysctls")).isFalse();
	}

	@Test
	void podMayDoNothingThatItNeedsNot() {
		Manifests manifests = Chart.example("default");
		assertThat(manifests.pod().path("automountServiceAccountToken").asBoolean(true)).isFalse();
		assertThat(manifests.only("ServiceAccount").path("automountServiceAccountToken").asBoolean(true)).isFalse();
		assertThat(manifests.pod().at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
		assertThat(manifests.pod().at("/securityContext/seccompProfile/type").asText()).isEqualTo("RuntimeDefault");
		JsonNode container = manifests.container().path("securityContext");
		assertThat(container.path("readOnlyRootFilesystem").asBoolean()).isTrue();
		assertThat(container.path("allowPrivilegeEscalation").asBoolean(true)).isFalse();
		assertThat(manifests.container().path("volumeMounts").toString()).contains("\"/tmp\"");
	}

	@Test
	void otherSettingsMakeOtherPodsAndOtherLabelsDoNot() {
		String checksum = checksum(Chart.example("relay"));
		assertThat(checksum(Chart.example("relay", "upstreams.billing.links.max=9"))).isNotEqualTo(checksum);
		assertThat(checksum(Chart.example("relay", "replicas=9", "podLabels.tier=edge"))).isEqualTo(checksum);
	}

	private static String checksum(Manifests manifests) {
		String checksum = manifests.only("Deployment")
			.at("/spec/template/metadata/annotations/checksum~1config")
			.asText();
		assertThat(checksum).hasSize(64);
		return checksum;
	}

	@Test
	void memoryLimitIsSharedOutAndTheCpuThatIsAskedForIsPlannedWith() {
		assertThat(javaOptions(Chart.example("default"))).isEqualTo(
				"-XX:+ExitOnOutOfMemoryError -XX:MaxRAMPercentage=50 -XX:MaxDirectMemorySize=107374182 -XX:ActiveProcessorCount=2");
		assertThat(javaOptions(Chart.example("everything"))).isEqualTo(
				"-XX:+ExitOnOutOfMemoryError -XX:MaxRAMPercentage=60 -XX:MaxDirectMemorySize=402653184 -XX:ActiveProcessorCount=3 -Xlog:gc");
		assertThat(javaOptions(Chart.example("default", "resources.limits.cpu=4")))
			.doesNotContain("ActiveProcessorCount");
	}

	private static String javaOptions(Manifests manifests) {
		return manifests.container().at("/env/0/value").asText();
	}

	@Test
	void autoscalerAndReplicasDoNotContradictEachOther() {
		assertThat(Chart.example("default").only("Deployment").at("/spec/replicas").asInt()).isEqualTo(2);
		assertThat(Chart.example("keda").only("Deployment").at("/spec").has("replicas")).isFalse();
		Manifests hpa = Chart.example("autoscaling-hpa");
		assertThat(hpa.only("Deployment").at("/spec").has("replicas")).isFalse();
		assertThat(hpa.only("HorizontalPodAutoscaler").at("/spec/metrics/0/pods").toString()).isEqualTo(
				"{\"metric\":{\"name\":\"gateway_connections\"},\"target\":{\"type\":\"AverageValue\",\"averageValue\":\"1500000\"}}");
	}

	@Test
	void certificateOfCertManagerGoesWhereThePodLooksForIt() {
		Manifests manifests = Chart.example("tls");
		assertThat(manifests.only("Certificate").at("/spec/secretName").asText()).isEqualTo("edge-holdfast-meters-tls");
		assertThat(manifests.pod().path("volumes").toString()).contains("\"secretName\":\"edge-holdfast-meters-tls\"",
				"\"secretName\":\"billing-client-tls\"");
		assertThat(manifests.container().path("volumeMounts").toString()).contains("\"/opt/holdfast/tls/meters\"");
		assertThat(manifests.application().at("/spring/ssl/bundle/pem/meters").toString()).contains(
				"file:/opt/holdfast/tls/meters/tls.crt", "file:/opt/holdfast/tls/meters/tls.key",
				"file:/opt/holdfast/tls/meters/ca.crt");
	}

	@Test
	void imageIsTheVersionOfTheApplicationUnlessADigestSaysMore() {
		assertThat(Chart.example("default").container().path("image").asText())
			.isEqualTo("holdfast:" + Project.version());
		assertThat(Chart.example("everything").container().path("image").asText())
			.startsWith("registry.example.org/edge/holdfast@sha256:0123");
	}

	@Test
	void listOfNoConstraintsIsNotTheDefault() {
		assertThat(Chart.example("default").pod().at("/topologySpreadConstraints/0/topologyKey").asText())
			.isEqualTo("topology.kubernetes.io/zone");
		assertThat(Chart.example("everything").pod().has("topologySpreadConstraints")).isFalse();
	}

	@Test
	void ownSettingsOfSpringAreLaidOverTheChartsOwn() {
		JsonNode application = Chart
			.render(this.folder,
					"""
							tls: { meters: { secretName: meters } }
							config: { spring.ssl.bundle.pem.meters.reload-on-update: false, spring: { main: { banner-mode: console } } }
							""")
			.application();
		assertThat(application.at("/spring/main/banner-mode").asText()).isEqualTo("console");
		assertThat(application.at("/spring/ssl/bundle/pem/meters/keystore/certificate").asText()).contains("tls.crt");
	}

	private static String name(Manifests manifests) {
		return manifests.only("ConfigMap").at("/metadata/name").asText();
	}

}
