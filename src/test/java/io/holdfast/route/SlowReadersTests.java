package io.holdfast.route;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import io.holdfast.connection.CloseReason;
import io.holdfast.testing.TestGateway;
import io.holdfast.transport.NettyServerConnectionFactory;
import io.holdfast.transport.Transport;
import io.holdfast.transport.WorkerPool;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.integration.dsl.IntegrationFlow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Clients that read slowly, or not at all, cost the others nothing: no worker waits for
 * them.
 */
class SlowReadersTests {

	/** More than there are workers. */
	private static final int READERS = 300;

	private static final int REQUESTS = 30;

	private static final int REPLY = 16 * 1024;

	private static final int QUICK_CLIENTS = 10;

	private static final int QUICK_REQUESTS = 200;

	static Stream<String> transports() {
		return Stream.of(Transport.best().toString(), "nio").distinct();
	}

	@ParameterizedTest
	@MethodSource("transports")
	void moreSlowReadersThanWorkersHoldUpNeitherTheOtherListenerNorOneAnother(String transport) throws IOException {
		try (TestGateway gateway = start(transport)) {
			WorkerPool workers = gateway.bean(WorkerPool.class);
			assertThat(READERS).isGreaterThan(workers.settings().maxConcurrent());
			List<Socket> slow = new ArrayList<>();
			for (int i = 0; i < READERS; i++) {
				slow.add(slowReader(gateway, i));
			}
			await().atMost(Duration.ofSeconds(30))
				.until(() -> taken(gateway) == (long) READERS * REQUESTS && workers.active() == 0
						&& workers.queued() == 0);
			assertThat(gateway.bean(AtomicInteger.class)).as("replies made for clients that read none")
				.hasValueLessThan(READERS * REQUESTS);
			for (int client = 0; client < QUICK_CLIENTS; client++) {
				assertAnswersAll(gateway, client);
			}
			assertThat(gateway.registry().count("slow")).isEqualTo(READERS);
			assertThat(gateway.closes()).doesNotContainKey(CloseReason.SLOW_CONSUMER);
			for (int i = 0; i < READERS; i++) {
				assertEveryReplyCame(slow.get(i), i);
			}
			assertThat(gateway.bean(AtomicInteger.class)).hasValue(READERS * REQUESTS);
		}
	}

	/** One that sends all its requests and reads none of the replies yet. */
	private static Socket slowReader(TestGateway gateway, int id) throws IOException {
		Socket socket = gateway.connect("slow", 32 * 1024);
		OutputStream out = socket.getOutputStream();
		for (int request = 0; request < REQUESTS; request++) {
			out.write(frame(id, request));
		}
		return socket;
	}

	private static long taken(TestGateway gateway) {
		return gateway.listener("slow").traffic().framesIn();
	}

	private static void assertAnswersAll(TestGateway gateway, int client) throws IOException {
		Socket socket = gateway.connect("quick");
		DataInputStream in = input(socket);
		for (int request = 0; request < QUICK_REQUESTS; request++) {
			socket.getOutputStream().write(frame(client, request));
			assertThat(in.readUnsignedShort()).isEqualTo(8);
			assertThat(List.of(in.readInt(), in.readInt())).containsExactly(client, request);
		}
	}

	private static void assertEveryReplyCame(Socket socket, int id) throws IOException {
		DataInputStream in = input(socket);
		for (int request = 0; request < REQUESTS; request++) {
			assertThat(in.readUnsignedShort()).isEqualTo(REPLY);
			assertThat(List.of(in.readInt(), in.readInt())).containsExactly(id, request);
			in.skipNBytes(REPLY - 8);
		}
	}

	private static byte[] frame(int client, int request) {
		return ByteBuffer.allocate(10).putShort((short) 8).putInt(client).putInt(request).array();
	}

	private static DataInputStream input(Socket socket) throws IOException {
		return new DataInputStream(new BufferedInputStream(socket.getInputStream()));
	}

	private static TestGateway start(String transport) {
		return TestGateway.start(Flows.class, "gateway.transport=" + transport, "gateway.listeners.slow.port=0",
				"gateway.listeners.slow.protocol=length16", "gateway.listeners.slow.route.mode=channel",
				"gateway.listeners.slow.limits.max-pending-output=32KB",
				"gateway.listeners.slow.limits.send-timeout=5m", "gateway.listeners.quick.port=0",
				"gateway.listeners.quick.protocol=length16", "gateway.listeners.quick.route.mode=channel");
	}

	/** The system's own buffers would take megabytes before the gateway's are full. */
	private static Object withSmallSendBuffer(Object bean) {
		if (bean instanceof NettyServerConnectionFactory server) {
			server.setSoSendBufferSize(32 * 1024);
		}
		return bean;
	}

	@Configuration(proxyBeanMethods = false)
	static class Flows {

		@Bean
		static BeanPostProcessor smallSendBuffers() {
			return new BeanPostProcessor() {

				@Override
				public Object postProcessBeforeInitialization(Object bean, String name) {
					return withSmallSendBuffer(bean);
				}

			};
		}

		@Bean
		AtomicInteger replies() {
			return new AtomicInteger();
		}

		@Bean
		IntegrationFlow slow(AtomicInteger replies) {
			return IntegrationFlow.from("slow.frames").<byte[], byte[]>transform((frame) -> {
				replies.incrementAndGet();
				return ByteBuffer.allocate(REPLY).put(frame).array();
			}).channel("slow.replies").get();
		}

		@Bean
		IntegrationFlow quick() {
			return IntegrationFlow.from("quick.frames").channel("quick.replies").get();
		}

	}

}
