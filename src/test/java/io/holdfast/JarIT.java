package io.holdfast;

import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Stream;

import io.holdfast.testing.GatewayProcess;
import io.holdfast.testing.NumberedFrame;
import io.holdfast.transport.Transport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * The packaged jar on every Java that is installed here.
 */
class JarIT {

	private static final Path JAVA = Path.of(System.getProperty("java.home"));

	private static final String[] ONE_LISTENER = { "--server.port=0", "--gateway.listeners.lines.port=0",
			"--gateway.listeners.lines.protocol=line", "--gateway.listeners.lines.route.mode=echo" };

	static Stream<Path> javaHomes() throws IOException {
		return GatewayProcess.javaHomes();
	}

	@ParameterizedTest
	@MethodSource("javaHomes")
	void startsEchoesAndEndsOnSigtermWithoutAWarning(Path javaHome) throws Exception {
		try (GatewayProcess gateway = GatewayProcess.start(javaHome, ONE_LISTENER)) {
			assertThat(echo(gateway.awaitPort("lines"), "hello")).isEqualTo("hello");
			assertThat(get(gateway.awaitManagementPort(), "/actuator/health")).contains("\"status\":\"UP\"");
			gateway.terminate();
			assertThat(gateway.awaitExit()).isZero();
			assertThat(gateway.output()).doesNotContain("WARN")
				.doesNotContain("ERROR")
				.doesNotContain("demo")
				.contains("listener 'lines' - closed");
		}
	}

	@Test
	void withoutListenersTheDemoRunsAndOneLineSaysSo() throws Exception {
		assumeTrue(isFree(9000) && isFree(9001) && isFree(9002), "the demo's ports are taken on this machine");
		try (GatewayProcess gateway = GatewayProcess.start(JAVA, "--server.port=0")) {
			assertThat(gateway.awaitPort("echo")).isEqualTo(9000);
			assertThat(gateway.awaitPort("frames")).isEqualTo(9001);
			assertThat(gateway.awaitPort("relay")).isEqualTo(9002);
			assertThat(echo(9000, "hello")).isEqualTo("hello");
			assertThat(frameEcho(9002, "hello")).isEqualTo("hello");
			assertThat(gateway.output().lines().filter((line) -> line.contains("demo - "))).hasSize(1);
		}
	}

	/** Whoever does not want it does not want it in the process. */
	@Test
	void processHasNoIoUringUnlessItsConnectionsUseIt() throws Exception {
		assumeTrue(Transport.EPOLL.isAvailable());
		try (GatewayProcess gateway = GatewayProcess.start(JAVA, oneListenerOn(Transport.EPOLL))) {
			assertThat(echo(gateway.awaitPort("lines"), "hello")).isEqualTo("hello");
			assertThat(get(gateway.awaitManagementPort(), "/actuator/health")).contains("\"status\":\"UP\"");
			assertThat(gateway.output()).contains("on epoll");
			assertThat(gateway.descriptors()).anyMatch((target) -> target.contains("[eventpoll]"))
				.noneMatch((target) -> target.contains("[io_uring]"));
		}
	}

	@Test
	void takenPortStopsTheStartWithOneSentence() throws Exception {
		try (ServerSocket taken = new ServerSocket(0);
				GatewayProcess gateway = GatewayProcess.start(JAVA, "--server.port=0",
						"--gateway.listeners.lines.port=" + taken.getLocalPort(),
						"--gateway.listeners.lines.protocol=line", "--gateway.listeners.lines.route.mode=echo")) {
			assertThat(gateway.awaitExit()).isEqualTo(1);
			assertThat(gateway.output())
				.contains("listener 'lines' - cannot bind 0.0.0.0:" + taken.getLocalPort() + ": address already in use")
				.doesNotContain("\tat ");
		}
	}

	@Test
	void mistakeInTheSettingsStopsTheStartWithKeyValueAndRemedy() throws Exception {
		try (GatewayProcess gateway = GatewayProcess.start(JAVA, "--server.port=0", "--gateway.listeners.lines.port=0",
				"--gateway.listeners.lines.protocol=lines", "--gateway.listeners.lines.route.mode=echo")) {
			assertThat(gateway.awaitExit()).isEqualTo(1);
			assertThat(gateway.output()).contains("gateway.listeners.lines.protocol", "lines", "known are")
				.doesNotContain("\tat ");
		}
	}

	@Test
	void listsWhatItIsMadeOf() throws Exception {
		try (GatewayProcess gateway = GatewayProcess.start(JAVA, ONE_LISTENER)) {
			int port = gateway.awaitManagementPort();
			gateway.awaitPort("lines");
			assertThat(get(port, "/actuator/sbom/application")).contains("CycloneDX", "netty-handler");
			assertThat(get(port, "/actuator/prometheus")).contains("gateway_connections{listener=\"lines\"}");
		}
	}

	private static String[] oneListenerOn(Transport transport) {
		return Stream.concat(Stream.of(ONE_LISTENER), Stream.of("--gateway.transport=" + transport))
			.toArray(String[]::new);
	}

	private static boolean isFree(int port) {
		try (ServerSocket socket = new ServerSocket(port)) {
			return socket.isBound();
		}
		catch (IOException ex) {
			return false;
		}
	}

	private static String echo(int port, String line) throws IOException {
		try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
			socket.setSoTimeout(10_000);
			socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
			return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))
				.readLine();
		}
	}

	private static String frameEcho(int port, String text) throws IOException {
		try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
			socket.setSoTimeout(10_000);
			NumberedFrame.write(socket.getOutputStream(), text.getBytes(StandardCharsets.UTF_8));
			byte[] reply = NumberedFrame.read(new DataInputStream(socket.getInputStream()));
			return (reply != null) ? new String(reply, StandardCharsets.UTF_8) : "";
		}
	}

	private static String get(int port, String path) throws IOException, InterruptedException {
		HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + port + path)).build();
		return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
	}

}
