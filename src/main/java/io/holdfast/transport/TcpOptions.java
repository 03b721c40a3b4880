package io.holdfast.transport;

import java.time.Duration;

import io.netty.channel.ChannelOption;
import io.netty.channel.socket.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * Puts {@link TcpSettings} into sockets. Without a native transport there is no user
 * timeout.
 */
final class TcpOptions {

	private final TcpSettings settings;

	TcpOptions(TcpSettings settings) {
		this.settings = settings;
	}

	void apply(SocketChannel channel, Names names) {
		TcpSettings.KeepAliveSettings keepAlive = this.settings.keepAlive();
		set(channel, names.keepAliveIdle(), seconds(keepAlive.idle()));
		set(channel, names.keepAliveInterval(), seconds(keepAlive.interval()));
		set(channel, names.keepAliveCount(), keepAlive.count());
		Duration userTimeout = this.settings.userTimeout();
		ChannelOption<Integer> userTimeoutName = names.userTimeout();
		if (userTimeout != null && userTimeoutName != null) {
			set(channel, userTimeoutName, (int) userTimeout.toMillis());
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

	/**
	 * The names of the options in one transport.
	 */
	record Names(ChannelOption<Integer> keepAliveIdle, ChannelOption<Integer> keepAliveInterval,
			ChannelOption<Integer> keepAliveCount, @Nullable ChannelOption<Integer> userTimeout) {

	}

}
