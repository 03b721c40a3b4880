package io.holdfast.transport;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.holdfast.framing.Raw;
import io.netty.channel.ChannelOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.integration.ip.tcp.connection.TcpConnection;
import org.springframework.integration.ip.tcp.connection.TcpSender;
import org.springframework.scheduling.concurrent.SimpleAsyncTaskScheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

class TcpSettingsTests {

	@ParameterizedTest
	@EnumSource(names = { "IO_URING", "EPOLL" })
	void everyOptionIsOnTheSocketOfAConnection(Transport transport) throws Exception {
		Map<ChannelOption<?>, Object> options = accepted(transport,
				new TcpSettings(new TcpSettings.KeepAliveSettings(Duration.ofSeconds(61), Duration.ofSeconds(11), 7),
						Duration.ofSeconds(31)));
		TcpOptions.Names names = transport.options();
		assertThat(options).containsEntry(names.keepAliveIdle(), 61)
			.containsEntry(names.keepAliveInterval(), 11)
			.containsEntry(names.keepAliveCount(), 7)
			.containsEntry(names.userTimeout(), 31_000);
	}

	@Test
	void withoutANativeTransportThereIsNoUserTimeout() throws Exception {
		Map<ChannelOption<?>, Object> options = accepted(Transport.NIO,
				new TcpSettings(new TcpSettings.KeepAliveSettings(Duration.ofSeconds(61), Duration.ofSeconds(11), 7),
						Duration.ofSeconds(31)));
		assertThat(options.values()).containsExactlyInAnyOrder(61, 11, 7);
	}

	@ParameterizedTest
	@EnumSource(names = { "IO_URING", "EPOLL" })
	void whatIsAbsentIsTheKernels(Transport transport) throws Exception {
		Map<ChannelOption<?>, Object> options = accepted(transport, TcpSettings.DEFAULT);
		assertThat(options).containsEntry(transport.options().userTimeout(), 0);
	}

	private static Map<ChannelOption<?>, Object> accepted(Transport transport, TcpSettings settings) throws Exception {
		assumeTrue(transport.isAvailable(), () -> transport + " cannot be had here");
		try (EventLoops loops = new EventLoops(transport, 1, Clock.systemUTC(), System::nanoTime)) {
			NettyServerConnectionFactory server = new NettyServerConnectionFactory(0, loops);
			CompletableFuture<Map<ChannelOption<?>, Object>> options = new CompletableFuture<>();
			SimpleAsyncTaskScheduler scheduler = new SimpleAsyncTaskScheduler();
			server.setTaskScheduler(scheduler);
			server.setApplicationEventPublisher((event) -> {
			});
			server.setFraming(new Raw(16));
			server.setDelivery(Delivery.EVENT_LOOP);
			server.setTcp(settings);
			server.registerListener((message) -> {
			});
			server.registerSender(new TcpSender() {

				@Override
				public void addNewConnection(TcpConnection added) {
					if (added instanceof NettyTcpConnection connection) {
						options.complete(read(connection, transport.options()));
					}
				}

				@Override
				public void removeDeadConnection(TcpConnection dead) {
				}

			});
			server.start();
			try (Socket peer = connect(server)) {
				assertThat(peer.isConnected()).isTrue();
				return options.get(10, TimeUnit.SECONDS);
			}
			finally {
				server.stop();
				scheduler.close();
			}
		}
	}

	private static Map<ChannelOption<?>, Object> read(NettyTcpConnection connection, TcpOptions.Names names) {
		return Stream.of(names.keepAliveIdle(), names.keepAliveInterval(), names.keepAliveCount(), names.userTimeout())
			.filter(Objects::nonNull)
			.collect(
					Collectors.toMap(Function.identity(), (option) -> connection.channel().config().getOption(option)));
	}

	private static Socket connect(NettyServerConnectionFactory server) throws IOException {
		server.awaitListening(Duration.ofSeconds(10));
		return new Socket(InetAddress.getLoopbackAddress(), server.getPort());
	}

}
