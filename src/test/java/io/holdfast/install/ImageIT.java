package io.holdfast.install;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

import io.holdfast.testing.GatewayProcess;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

/**
 * The image, as far as it can be had without an engine: its steps, its start and its
 * scripts, on the Java that it ships.
 */
class ImageIT {

	private static final String[] SETTINGS = { "--server.port=0", "--gateway.listeners.echo.port=0",
			"--spring.main.banner-mode=log" };

	@TempDir
	private static Path folder;

	private static ImageFolder image;

	@BeforeAll
	static void build() throws IOException, InterruptedException {
		image = ImageFolder.build(folder, javaOfTheImage());
	}

	private static Path javaOfTheImage() throws IOException, InterruptedException {
		for (Path home : GatewayProcess.javaHomes().toList()) {
			ProcessRun run = ProcessRun.of(home.resolve("bin/java").toString(), "-XX:+UseCompactObjectHeaders",
					"-version");
			if (run.exitCode() == 0) {
				return home;
			}
		}
		return abort("no Java 25 is installed, which the image ships");
	}

	@Test
	void startsFromTheCacheAsThePodDoesAndEndsOnSigterm() throws Exception {
		addFlow("banner.txt", "a team's own");
		try (GatewayProcess gateway = GatewayProcess.start(asInThePod(image.entrypoint(SETTINGS)))) {
			assertThat(echo(gateway.awaitPort("echo"), "hello")).isEqualTo("hello");
			String management = String.valueOf(gateway.awaitManagementPort());
			assertThat(script("healthcheck", management).exitCode()).isZero();
			ProcessRun drain = script("drain", management);
			assertThat(drain.exitCode()).isZero();
			assertThat(drain.output()).startsWith("drain: ").doesNotContain("nothing answers");
			assertThat(gateway.output()).contains("a team's own");
			gateway.terminate();
			// 0 once a drain went before
			assertThat(gateway.awaitExit()).isIn(0, 143);
			assertThat(gateway.output()).doesNotContain("WARN").doesNotContain("ERROR");
		}
	}

	/**
	 * Puts a jar with one file where a team puts its flows: behind what the cache was
	 * made for, so that it still holds.
	 */
	private static void addFlow(String name, String content) throws IOException {
		Path flows = Files.createDirectories(image.workingDirectory().resolve("flows"));
		try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(flows.resolve("own.jar")))) {
			jar.putNextEntry(new JarEntry(name));
			jar.write(content.getBytes(StandardCharsets.UTF_8));
		}
	}

	/**
	 * With the chart's settings and the options of its JVM, and none to start without
	 * what was made for it.
	 */
	private static ProcessBuilder asInThePod(ProcessBuilder builder) throws IOException {
		Manifests manifests = Chart.example("default");
		Path config = Files.createDirectories(image.workingDirectory().resolve("config"));
		Files.writeString(config.resolve("application.yml"), manifests.applicationText());
		builder.environment()
			.put("JAVA_TOOL_OPTIONS", manifests.container().at("/env/0/value").asText() + " -XX:AOTMode=on");
		return builder;
	}

	@Test
	void scriptsFindThatNothingAnswers() throws Exception {
		String free;
		try (ServerSocket socket = new ServerSocket(0)) {
			free = String.valueOf(socket.getLocalPort());
		}
		assertThat(script("healthcheck", free).exitCode()).isEqualTo(1);
		ProcessRun drain = script("drain", free);
		assertThat(drain.exitCode()).isZero();
		assertThat(drain.output()).isEqualTo("drain: nothing answers on port " + free + "\n");
	}

	@Test
	void imageAndChartMeanTheSameFilesAndUser() {
		Manifests manifests = Chart.example("default");
		String security = manifests.pod().path("securityContext").toString();
		String[] user = image.user().split(":", 2);
		assertThat(security).contains("\"runAsUser\":" + user[0], "\"runAsGroup\":" + user[1]);
		assertThat(Project.read(ImageFolder.DOCKERFILE)).contains("CMD [\"/opt/holdfast/bin/healthcheck\"]");
		assertThat(image.workingDirectory()).isEqualTo(folder.resolve("image/opt/holdfast"));
		assertThat(image.workingDirectory().resolve("bin/drain")).isExecutable();
		assertThat(image.workingDirectory().resolve("bin/healthcheck")).isExecutable();
	}

	private static ProcessRun script(String name, String port) throws IOException, InterruptedException {
		return ProcessRun.of(image.process("bin/" + name, port));
	}

	private static String echo(int port, String line) throws IOException {
		try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
			socket.setSoTimeout(10_000);
			OutputStream output = socket.getOutputStream();
			output.write((line + "\n").getBytes(StandardCharsets.UTF_8));
			return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))
				.readLine();
		}
	}

}
