package io.holdfast;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.holdfast.framing.Line;
import io.holdfast.testing.GatewayProcess;
import io.holdfast.transport.Delivery;
import io.holdfast.transport.EventLoops;
import io.holdfast.transport.NettyServerConnectionFactory;
import io.holdfast.transport.Transport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.integration.ip.tcp.outbound.TcpSendingMessageHandler;
import org.springframework.scheduling.concurrent.SimpleAsyncTaskScheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * A server of a team's own, without a reserve, that has no descriptor left.
 */
class FailingAcceptTests {

	@ParameterizedTest
	@EnumSource
	void acceptsAgainOnceThereAreDescriptors(Transport transport) throws Exception {
		assumeTrue(transport.isAvailable());
		List<Socket> clients = new ArrayList<>();
		try (GatewayProcess server = GatewayProcess.startWithDescriptors(250, Echo.class, transport.name())) {
			int port = server.awaitNumber("bound to (\\d+)");
			for (int i = 0; i < 250; i++) {
				clients.add(new Socket(InetAddress.getLoopbackAddress(), port));
			}
			server.awaitOutput("port " + port + " - cannot accept connections: Too many open files; ");
			closeAll(clients);
			server.awaitOutput("port " + port + " - accepts connections again");
			try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
				client.setSoTimeout(10_000);
				client.getOutputStream().write("hello\n".getBytes(StandardCharsets.US_ASCII));
				assertThat(client.getInputStream().readNBytes(6)).asString(StandardCharsets.US_ASCII)
					.isEqualTo("hello\n");
			}
			assertThat(server.output().lines().filter((line) -> line.contains("cannot accept"))).hasSize(1);
			assertThat(server.output()).doesNotContain("\tat io.netty");
		}
		finally {
			closeAll(clients);
		}
	}

	private static void closeAll(List<Socket> clients) throws IOException {
		for (Socket client : clients) {
			client.close();
		}
	}

	/**
	 * The server's main class.
	 */
	static final class Echo {

		private Echo() {
		}

		public static void main(String[] arguments) throws IOException {
			EventLoops loops = new EventLoops(Transport.valueOf(arguments[0]), 2, Clock.systemUTC(), System::nanoTime);
			NettyServerConnectionFactory server = new NettyServerConnectionFactory(0, loops);
			server.setTaskScheduler(new SimpleAsyncTaskScheduler());
			server.setApplicationEventPublisher((event) -> {
			});
			server.setFraming(new Line(Line.Ending.LF, 100));
			server.setDelivery(Delivery.EVENT_LOOP);
			TcpSendingMessageHandler replies = new TcpSendingMessageHandler();
			replies.setConnectionFactory(server);
			server.registerListener(replies::handleMessage);
			server.start();
			System.out.println("bound to " + server.awaitListening(Duration.ofSeconds(10)).getPort());
		}

	}

}
