package io.holdfast.transport;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.holdfast.framing.Raw;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import org.junit.jupiter.api.Test;

import org.springframework.integration.ip.tcp.connection.TcpConnection;
import org.springframework.integration.ip.tcp.connection.TcpSender;
import org.springframework.scheduling.concurrent.SimpleAsyncTaskScheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

class TcpSettingsTests {

	@Test
	void everyOptionIsOnTheSocketOfAConnection() throws Exception {
		assumeTrue(Epoll.isAvailable(), "the options of the kernel are read through epoll");
		Map<ChannelOption<?>, Object> options = accepted(
				new TcpSettings(new TcpSettings.KeepAliveSettings(Duration.ofSeconds(61), Duration.ofSeconds(11), 7),
						Duration.ofSeconds(31)));
		assertThat(options).containsEntry(EpollChannelOption.TCP_KEEPIDLE, 61)
			.containsEntry(EpollChannelOption.TCP_KEEPINTVL, 11)
			.containsEntry(EpollChannelOption.TCP_KEEPCNT, 7)
			.containsEntry(EpollChannelOption.TCP_USER_TIMEOUT, 31_000);
	}

	@Test
	void whatIsAbsentIsTheKernels() throws Exception {
		assumeTrue(Epoll.isAvailable(), "the options of the kernel are read through epoll");
		Map<ChannelOption<?>, Object> options = accepted(TcpSettings.DEFAULT);
		assertThat(options).containsEntry(EpollChannelOption.TCP_USER_TIMEOUT, 0);
	}

	private static Map<ChannelOption<?>, Object> accepted(TcpSettings settings) throws Exception {
		try (EventLoops loops = new EventLoops(1, Clock.systemUTC())) {
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
						options.complete(read(connection));
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

	private static Map<ChannelOption<?>, Object> read(NettyTcpConnection connection) {
		return Stream
			.of(EpollChannelOption.TCP_KEEPIDLE, EpollChannelOption.TCP_KEEPINTVL, EpollChannelOption.TCP_KEEPCNT,
					EpollChannelOption.TCP_USER_TIMEOUT)
			.collect(
					Collectors.toMap(Function.identity(), (option) -> connection.channel().config().getOption(option)));
	}

	private static Socket connect(NettyServerConnectionFactory server) throws IOException {
		server.awaitListening(Duration.ofSeconds(10));
		return new Socket(InetAddress.getLoopbackAddress(), server.getPort());
	}

}
