package io.holdfast.transport;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.netty.buffer.ByteBufAllocator;
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
import io.netty.channel.uring.IoUringBufferRingConfig;
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.channel.uring.IoUringFixedBufferRingAllocator;
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
	 * later, better from 6.12 on; many container runtimes forbid it.
	 */
	IO_URING {

		@Override
		@Nullable Throwable missing() {
			prepare();
			Throwable cause = IoUring.unavailabilityCause();
			if (cause == null && (IoUring.isPollAddMultishotEnabled() || IoUring.isAcceptMultishotEnabled()
					|| IoUring.isRecvMultishotEnabled())) {
				return new IllegalStateException("Netty was set up otherwise before; give "
						+ MULTISHOTS.stream().map((each) -> "-D" + each + "=false").collect(Collectors.joining(" ")));
			}
			return cause;
		}

		@Override
		IoHandlerFactory handlers(ByteBufAllocator allocator) {
			IoUringIoHandlerConfig config = new IoUringIoHandlerConfig().setCqSize(COMPLETIONS);
			if (sharedReads() != null) {
				config.setBufferRingConfig(IoUringBufferRingConfig.builder()
					.bufferGroupId(SHARED_READS)
					.incremental(true)
					.batchSize(SHARED_BUFFERS_AT_FIRST)
					.bufferRingSize(DirectMemory.sharedBuffers())
					.allocator(new IoUringFixedBufferRingAllocator(allocator, SHARED_BUFFER_BYTES))
					.build());
			}
			return IoUringIoHandler.newFactory(config);
		}

		@Override
		@Nullable Short sharedReads() {
			return IoUring.isRegisterBufferRingIncSupported() ? SHARED_READS : null;
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
		IoHandlerFactory handlers(ByteBufAllocator allocator) {
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
	 * Java's own transport, on any machine.
	 */
	NIO {

		@Override
		@Nullable Throwable missing() {
			return null;
		}

		@Override
		IoHandlerFactory handlers(ByteBufAllocator allocator) {
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
	 * Switches of the multishot operations of Netty (4.2.18), read when its io_uring is
	 * first used; all are off. A multishot poll tells changes alone, and those that come
	 * while the socket is read are missed: a reset right behind data is never seen. An
	 * accept is renewed at once when it fails, whatever is wanted, so a process without a
	 * descriptor would do nothing else; and it tells no address, so a client that is gone
	 * already is lost. A receive goes on while nobody wants to read.
	 */
	private static final List<String> MULTISHOTS = List.of("io.netty.iouring.pollAddMultishotEnabled",
			"io.netty.iouring.acceptMultiShotEnabled", "io.netty.iouring.recvMultiShotEnabled");

	/**
	 * Completions that a ring holds while its loop is busy. More wait in the kernel, at a
	 * cost.
	 */
	private static final int COMPLETIONS = 16_384;

	private static final short SHARED_READS = 1;

	/**
	 * Reads follow each other in it until it is full: small ones stay within the
	 * processor's caches, and the last one is cut short.
	 */
	static final int SHARED_BUFFER_BYTES = 64 * 1024;

	private static final int SHARED_BUFFERS_AT_FIRST = 4;

	/**
	 * Sets Netty up as the transports need it, unless it was set up already. Netty looks
	 * once, when anything in the process first uses io_uring.
	 */
	public static void prepare() {
		DirectMemory.prepare();
		MULTISHOTS.forEach((multishot) -> System.getProperties().putIfAbsent(multishot, "false"));
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

	/**
	 * Returns the factory that a group of loops is made with.
	 * @param allocator of what the loops themselves need for reading
	 */
	abstract IoHandlerFactory handlers(ByteBufAllocator allocator);

	/**
	 * The number under which the kernel finds the buffers that all connections of a loop
	 * read into, one behind the other; null where each brings its own for each read.
	 */
	@Nullable Short sharedReads() {
		return null;
	}

	abstract Class<? extends ServerChannel> serverChannel();

	abstract Class<? extends SocketChannel> socketChannel();

	abstract TcpOptions.Names options();

}
