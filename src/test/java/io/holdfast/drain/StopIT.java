package io.holdfast.drain;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Stream;

import io.holdfast.testing.GatewayProcess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The process is told to stop at all sorts of moments.
 */
class StopIT {

	private static final Path JAVA = Path.of(System.getProperty("java.home"));

	private static final String[] ECHO = { "--server.port=0", "--gateway.listeners.a.port=0",
			"--gateway.listeners.a.protocol=line", "--gateway.listeners.a.route.mode=echo" };

	static Stream<Path> javaHomes() throws IOException {
		return GatewayProcess.javaHomes();
	}

	private static GatewayProcess start(Path javaHome, String... more) throws IOException {
		return GatewayProcess.start(javaHome, Stream.concat(Stream.of(ECHO), Stream.of(more)).toArray(String[]::new));
	}

	private static Socket connect(int port) throws IOException {
		Socket client = new Socket(InetAddress.getLoopbackAddress(), port);
		client.setSoTimeout(30_000);
		return client;
	}

	/**
	 * A client that keeps the drain waiting: it has begun a frame and does not end it.
	 */
	private static Socket connectInMidFrame(int port) throws IOException {
		Socket client = connect(port);
		client.getOutputStream().write("hello\nhalf".getBytes(StandardCharsets.US_ASCII));
		assertThat(client.getInputStream().readNBytes(6)).asString().isEqualTo("hello\n");
		return client;
	}

	@ParameterizedTest
	@MethodSource("javaHomes")
	void secondSigtermEndsAtOnce(Path javaHome) throws Exception {
		try (GatewayProcess gateway = start(javaHome, "--gateway.drain.timeout=10m");
				Socket client = connectInMidFrame(gateway.awaitPort("a"))) {
			gateway.terminate();
			gateway.awaitOutput("drain - begun with 1 connections");
			gateway.terminate();
			assertThat(gateway.awaitExit()).isEqualTo(143);
			assertThat(client.isClosed()).isFalse();
			assertThat(gateway.output()).contains("SIGTERM came again - ended at once")
				.doesNotContain("drain - ended", "\tat ", "ERROR");
		}
	}

	@Test
	void sigtermJoinsADrainThatIsUnderWay() throws Exception {
		try (GatewayProcess gateway = start(JAVA, "--gateway.drain.timeout=10m");
				Socket client = connectInMidFrame(gateway.awaitPort("a"))) {
			HttpRequest post = HttpRequest
				.newBuilder(URI.create("http://localhost:" + gateway.awaitManagementPort() + "/actuator/drain"))
				.header("Content-Type", "application/json")
				.POST(HttpRequest.BodyPublishers.ofString("{}"))
				.build();
			assertThat(HttpClient.newHttpClient().send(post, HttpResponse.BodyHandlers.ofString()).body())
				.contains("\"left\":1");
			gateway.terminate();
			client.getOutputStream().write("way\n".getBytes(StandardCharsets.US_ASCII));
			assertThat(client.getInputStream().readAllBytes()).asString().isEqualTo("halfway\n");
			client.shutdownOutput();
			assertThat(gateway.awaitExit()).isZero();
			assertThat(gateway.output().lines().filter((line) -> line.contains("drain - begun"))).hasSize(1);
			assertThat(gateway.output()).contains("drain - ended: 1 connections left in order, 0 were cut")
				.doesNotContain("\tat ", "ERROR", "WARN");
		}
	}

	@Test
	void clientsOfAnUpstreamThatIsDownAreToldWithinTheirTime() throws Exception {
		try (GatewayProcess gateway = start(JAVA, "--gateway.listeners.r.port=0", "--gateway.listeners.r.protocol=line",
				"--gateway.listeners.r.route.mode=relay", "--gateway.listeners.r.route.upstream=gone",
				"--gateway.listeners.r.route.sharing=pipelined", "--gateway.listeners.r.route.unchecked=true",
				"--gateway.listeners.r.route.on-failure.reply.text=no",
				"--gateway.upstreams.gone.endpoints=127.0.0.1:1", "--gateway.upstreams.gone.protocol=line");
				Socket client = connect(gateway.awaitPort("r"))) {
			gateway.awaitOutput("upstream 'gone' - down");
			client.getOutputStream().write("anybody?\n".getBytes(StandardCharsets.US_ASCII));
			gateway.terminate();
			assertThat(client.getInputStream().readAllBytes()).asString().isEqualTo("no\n");
			client.shutdownOutput();
			assertThat(gateway.awaitExit()).isZero();
			assertThat(gateway.output()).contains("drain - ended: 1 connections left in order, 0 were cut")
				.doesNotContain("\tat ", "ERROR");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "Starting Holdfast", "No active profile", "Exposing", "Netty started",
			"listener 'a' - bound to" })
	void sigtermDuringTheStartEndsItWithoutAStackTrace(String moment) throws Exception {
		try (GatewayProcess gateway = start(JAVA)) {
			gateway.awaitOutput(moment);
			gateway.terminate();
			assertThat(gateway.awaitExit()).as(gateway::output).isIn(0, 143);
			assertThat(gateway.output()).doesNotContain("\tat ", "ERROR");
		}
	}

}
