package io.holdfast.transport;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringIoHandlerConfig;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;

/**
 * How event loops reach the kernel. All transports do the same; the first that can be had
 * is the fastest.
 */
public enum Transport {

	/**
	 * One system call for what a whole round of the loop sends and reads. Linux 5.9 or
	 * later; many container runtimes forbid it.
	 */
	IO_URING {

		@Override
		@Nullable Throwable missing() {
			Throwable cause = IoUring.unavailabilityCause();
			if (cause == null && (IoUring.isPollAddMultishotEnabled() || IoUring.isAcceptMultishotEnabled())) {
				return new IllegalStateException("Netty was set up otherwise before; give -D" + MULTISHOT_POLLS
						+ "=false -D" + MULTISHOT_ACCEPTS + "=false");
			}
			return cause;
		}

		@Override
		IoHandlerFactory handlers() {
			return IoUringIoHandler.newFactory(new IoUringIoHandlerConfig().setCqSize(COMPLETIONS));
		}

		@Override
		Class<? extends ServerChannel> serverChannel() {
			return IoUringServerSocketChannel.class;
		}

		@Override
		Class<? extends SocketChannel> socketChannel() {
			return IoUringSocketChannel.class;
		}

		@Override
		TcpOptions.Names options() {
			return new TcpOptions.Names(IoUringChannelOption.TCP_KEEPIDLE, IoUringChannelOption.TCP_KEEPINTVL,
					IoUringChannelOption.TCP_KEEPCNT, IoUringChannelOption.TCP_USER_TIMEOUT);
		}

	},

	/**
	 * One system call to learn which sockets are ready, and one for each read and write.
	 * Linux.
	 */
	EPOLL {

		@Override
		@Nullable Throwable missing() {
			return Epoll.unavailabilityCause();
		}

		@Override
		IoHandlerFactory handlers() {
			return LastingEpoll.newFactory();
		}

		@Override
		Class<? extends ServerChannel> serverChannel() {
			return EpollServerSocketChannel.class;
		}

		@Override
		Class<? extends SocketChannel> socketChannel() {
			return EpollSocketChannel.class;
		}

		@Override
		TcpOptions.Names options() {
			return new TcpOptions.Names(EpollChannelOption.TCP_KEEPIDLE, EpollChannelOption.TCP_KEEPINTVL,
					EpollChannelOption.TCP_KEEPCNT, EpollChannelOption.TCP_USER_TIMEOUT);
		}

	},

	/**
	 * What Java itself has, on any machine.
	 */
	NIO {

		@Override
		@Nullable Throwable missing() {
			return null;
		}

		@Override
		IoHandlerFactory handlers() {
			return NioIoHandler.newFactory();
		}

		@Override
		Class<? extends ServerChannel> serverChannel() {
			return NioServerSocketChannel.class;
		}

		@Override
		Class<? extends SocketChannel> socketChannel() {
			return NioSocketChannel.class;
		}

		@Override
		TcpOptions.Names options() {
			return new TcpOptions.Names(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE),
					NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL),
					NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT), null);
		}

	};

	/**
	 * Whether a poll stays armed. It tells changes alone then, and Netty (4.2.18) misses
	 * those that come while it reads: a reset right behind data is never seen. Read once,
	 * when Netty's io_uring is first used.
	 */
	private static final String MULTISHOT_POLLS = "io.netty.iouring.pollAddMultishotEnabled";

	/**
	 * Whether one request accepts for ever. Netty (4.2.18) renews it at once when it
	 * fails, whatever is wanted: a process that has no descriptor left would do nothing
	 * else. It would also learn no address, and so lose a client that is gone already.
	 */
	private static final String MULTISHOT_ACCEPTS = "io.netty.iouring.acceptMultiShotEnabled";

	/**
	 * What may come for a loop while it is busy. More wait in the kernel, at a cost.
	 */
	private static final int COMPLETIONS = 16_384;

	static {
		prepare();
	}

	/**
	 * Sets Netty up as the transports need it, unless it was set up already. Netty looks
	 * once, when anything in the process first uses io_uring.
	 */
	public static void prepare() {
		for (String multishot : List.of(MULTISHOT_POLLS, MULTISHOT_ACCEPTS)) {
			if (System.getProperty(multishot) == null) {
				System.setProperty(multishot, "false");
			}
		}
	}

	/**
	 * The fastest that can be had on this machine.
	 */
	public static Transport best() {
		return Stream.of(values()).filter(Transport::isAvailable).findFirst().orElse(NIO);
	}

	/**
	 * Whether it can be had on this machine.
	 */
	public boolean isAvailable() {
		return missing() == null;
	}

	/**
	 * Why it cannot be had on this machine, in one line; empty if it can.
	 */
	public Optional<String> unavailability() {
		Throwable cause = missing();
		if (cause == null) {
			return Optional.empty();
		}
		while (cause.getCause() != null) {
			cause = cause.getCause();
		}
		String message = Objects.requireNonNullElse(cause.getMessage(), cause.getClass().getSimpleName());
		return Optional.of(message.lines().findFirst().orElse(message));
	}

	/** As settings and logs write it. */
	@Override
	public String toString() {
		return name().toLowerCase(Locale.ROOT).replace('_', '-');
	}

	abstract @Nullable Throwable missing();

	abstract IoHandlerFactory handlers();

	abstract Class<? extends ServerChannel> serverChannel();

	abstract Class<? extends SocketChannel> socketChannel();

	abstract TcpOptions.Names options();

}
