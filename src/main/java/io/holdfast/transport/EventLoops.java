package io.holdfast.transport;

import java.time.Clock;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.FastThreadLocalThread;
import io.netty.util.concurrent.ThreadPerTaskExecutor;
import org.jspecify.annotations.Nullable;

/**
 * The threads that all connections share, and the kind of sockets that goes with them:
 * native epoll where it can be loaded, NIO elsewhere. A connection stays on one loop for
 * its life. Nothing that may block belongs on these threads.
 */
public final class EventLoops implements AutoCloseable {

	/** Reads of one connection before the loop turns to the next. */
	private static final int MAX_READS_IN_A_ROW = 16;

	private static final long CLOSE_TIMEOUT_SECONDS = 5;

	private final EventLoopGroup group;

	private final boolean epoll = Epoll.isAvailable();

	private @Nullable GatheringChooser chooser;

	private final RecvByteBufAllocator receiveBuffers = new AdaptiveRecvByteBufAllocator()
		.maxMessagesPerRead(MAX_READS_IN_A_ROW);

	private final Clock clock;

	private final LongSupplier nanoTime;

	/**
	 * Starts no thread yet; each loop starts with its first connection.
	 * @param threads how many loops; one for each core is a good choice
	 * @param clock tells when a frame was seen
	 */
	public EventLoops(int threads, Clock clock) {
		this(threads, clock, System::nanoTime);
	}

	/**
	 * Loops on which silence is measured by another time than the machine's.
	 * @param nanoTime as {@link System#nanoTime()}
	 */
	public EventLoops(int threads, Clock clock, LongSupplier nanoTime) {
		IoHandlerFactory io = this.epoll ? LastingEpoll.newFactory() : NioIoHandler.newFactory();
		this.group = new MultiThreadIoEventLoopGroup(threads, new ThreadPerTaskExecutor(new LoopThreadFactory()),
				this::chooser, io);
		this.clock = clock;
		this.nanoTime = nanoTime;
	}

	private GatheringChooser chooser(EventExecutor[] loops) {
		GatheringChooser gathering = new GatheringChooser(loops);
		this.chooser = gathering;
		return gathering;
	}

	/**
	 * The loop that a new connection would be given now.
	 */
	public EventLoop preferred() {
		GatheringChooser gathering = this.chooser;
		return (gathering != null) ? (EventLoop) gathering.preferred() : this.group.next();
	}

	/**
	 * Now, for spans of time: nanoseconds since some moment of the past.
	 */
	public long nanoTime() {
		return this.nanoTime.getAsLong();
	}

	/** A connection that was given this loop is gone. */
	void left(EventExecutor loop) {
		GatheringChooser gathering = this.chooser;
		if (gathering != null) {
			gathering.left(loop);
		}
	}

	/**
	 * One loop for each core, on the system's clock.
	 * @return loops that the caller closes
	 */
	public static EventLoops forThisMachine() {
		return new EventLoops(Runtime.getRuntime().availableProcessors(), Clock.systemUTC());
	}

	/**
	 * Whether the calling thread is a loop, of this or of another group, so that it must
	 * not block.
	 */
	public static boolean isCurrentThread() {
		return Thread.currentThread() instanceof LoopThread;
	}

	EventLoopGroup group() {
		return this.group;
	}

	Clock clock() {
		return this.clock;
	}

	/**
	 * Direct memory that the buffers of all connections take at the moment.
	 */
	public long usedBufferBytes() {
		return PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
	}

	ByteBufAllocator allocator() {
		return PooledByteBufAllocator.DEFAULT;
	}

	/** One for all channels; what it learns of a channel it keeps with that channel. */
	RecvByteBufAllocator receiveBuffers() {
		return this.receiveBuffers;
	}

	Class<? extends ServerChannel> serverChannel() {
		return this.epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
	}

	Class<? extends SocketChannel> socketChannel() {
		return this.epoll ? EpollSocketChannel.class : NioSocketChannel.class;
	}

	/**
	 * Ends the threads. Connections that are still open are closed without notice. Waits
	 * at most five seconds, not at all on a loop's own thread.
	 */
	@Override
	public void close() {
		var closed = this.group.shutdownGracefully(0, CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS);
		if (!isCurrentThread()) {
			closed.awaitUninterruptibly(CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS);
		}
	}

	private static final class LoopThreadFactory implements ThreadFactory {

		private final AtomicInteger count = new AtomicInteger();

		@Override
		public Thread newThread(Runnable task) {
			return new LoopThread(task, "holdfast-loop-" + this.count.incrementAndGet());
		}

	}

	private static final class LoopThread extends FastThreadLocalThread {

		LoopThread(Runnable task, String name) {
			super(task, name);
		}

	}

}
