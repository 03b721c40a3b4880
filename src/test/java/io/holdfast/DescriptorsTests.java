package io.holdfast;

import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import io.holdfast.testing.GatewayProcess;
import io.holdfast.testing.NumberedFrame;
import io.holdfast.testing.Scripts;
import io.holdfast.testing.UpstreamServer;
import io.holdfast.transport.Transport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * A gateway whose clients want more file descriptors than there are.
 */
class DescriptorsTests {

	private static final int LIMIT = 300;

	private final List<Socket> clients = new ArrayList<>();

	@AfterEach
	void close() throws IOException {
		for (Socket client : this.clients) {
			client.close();
		}
	}

	private Socket connect(int port) throws IOException {
		Socket client = new Socket(InetAddress.getLoopbackAddress(), port);
		client.setSoTimeout(10_000);
		this.clients.add(client);
		return client;
	}

	@ParameterizedTest
	@EnumSource
	void fullPortsLeaveDescriptorsForLinksAndManagementAndAcceptAgain(Transport transport) throws Exception {
		assumeTrue(transport.isAvailable());
		try (UpstreamServer server = UpstreamServer.start(Scripts.echo());
				GatewayProcess gateway = GatewayProcess.startWithDescriptors(LIMIT, Holdfast.class, "--server.port=0",
						"--gateway.drain.wait=0s", "--gateway.transport=" + transport,
						"--gateway.listeners.lines.port=0", "--gateway.listeners.lines.protocol=line",
						"--gateway.listeners.lines.route.mode=echo", "--gateway.listeners.relay.port=0",
						"--gateway.listeners.relay.protocol=length32", "--gateway.listeners.relay.route.mode=relay",
						"--gateway.listeners.relay.route.upstream=servers",
						"--gateway.listeners.relay.route.sharing=dedicated",
						"--gateway.upstreams.servers.endpoints=127.0.0.1:" + server.port(),
						"--gateway.upstreams.servers.protocol=length32", "--gateway.upstreams.servers.links.min-idle=0",
						"--gateway.upstreams.servers.links.max=4")) {
			int port = gateway.awaitPort("lines");
			int management = gateway.awaitManagementPort();
			Socket relayed = connect(gateway.awaitPort("relay"));
			for (int i = 0; i < LIMIT; i++) {
				connect(port);
			}
			gateway.awaitOutput("ports - accept no connections, ");
			assertThat(gateway.descriptors()).hasSizeLessThan(LIMIT - 32);
			for (int i = 0; i < 10; i++) {
				assertThat(get(management, "/actuator/prometheus")).contains("gateway_connections");
			}
			byte[] frame = NumberedFrame.content(1, 1, 1, 100);
			NumberedFrame.write(relayed.getOutputStream(), frame);
			assertThat(NumberedFrame.read(new DataInputStream(relayed.getInputStream()))).isEqualTo(frame);

			close();
			gateway.awaitOutput("ports - accept connections again, after ");
			assertThat(echo(connect(port), "hello")).isEqualTo("hello");
			assertThat(gateway.output().lines().filter((line) -> line.contains("ports - "))).hasSize(2);
			assertThat(gateway.output()).contains("raise the limit of open files (ulimit -n, LimitNOFILE)")
				.doesNotContain("\tat ")
				.doesNotContain("Too many open files");
		}
	}

	private static String echo(Socket socket, String line) throws IOException {
		socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
		return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8)).readLine();
	}

	private static String get(int port, String path) throws IOException, InterruptedException {
		HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + port + path)).build();
		return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
	}

}
