package io.holdfast.transport;

import java.time.Duration;

import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioChannelOption;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;

/**
 * Puts {@link TcpSettings} into sockets. Off Linux there is no user timeout.
 */
final class TcpOptions {

	private final TcpSettings settings;

	TcpOptions(TcpSettings settings) {
		this.settings = settings;
	}

	void apply(SocketChannel channel) {
		TcpSettings.KeepAliveSettings keepAlive = this.settings.keepAlive();
		boolean epoll = channel instanceof EpollSocketChannel;
		set(channel, epoll ? EpollChannelOption.TCP_KEEPIDLE : NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE),
				seconds(keepAlive.idle()));
		set(channel,
				epoll ? EpollChannelOption.TCP_KEEPINTVL : NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL),
				seconds(keepAlive.interval()));
		set(channel, epoll ? EpollChannelOption.TCP_KEEPCNT : NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT),
				keepAlive.count());
		Duration userTimeout = this.settings.userTimeout();
		if (userTimeout != null && epoll) {
			set(channel, EpollChannelOption.TCP_USER_TIMEOUT, (int) userTimeout.toMillis());
		}
	}

	private static <T> void set(SocketChannel channel, ChannelOption<T> option, @Nullable T value) {
		if (value != null) {
			channel.config().setOption(option, value);
		}
	}

	private static @Nullable Integer seconds(@Nullable Duration span) {
		return (span != null) ? Math.toIntExact(span.toSeconds()) : null;
	}

}
