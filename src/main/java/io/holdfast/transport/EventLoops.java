package io.holdfast.transport;

import java.time.Clock;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.FastThreadLocalThread;
import io.netty.util.concurrent.ThreadPerTaskExecutor;
import org.jspecify.annotations.Nullable;

/**
 * The threads that all connections share, and the transport that they use. A connection
 * stays on one loop for its life. Nothing that may block belongs on these threads.
 */
public final class EventLoops implements AutoCloseable {

	/** Reads of one connection before the loop turns to the next. */
	private static final int MAX_READS_IN_A_ROW = 16;

	private static final long CLOSE_TIMEOUT_SECONDS = 5;

	private final Transport transport;

	private final EventLoopGroup group;

	private @Nullable GatheringChooser chooser;

	private final RecvByteBufAllocator receiveBuffers = new AdaptiveRecvByteBufAllocator()
		.maxMessagesPerRead(MAX_READS_IN_A_ROW);

	private final MemoryBudget memory;

	private final Map<EventLoop, LoopMemory> memories = new ConcurrentHashMap<>();

	private final Clock clock;

	private final LongSupplier nanoTime;

	private final Ports ports;

	private final OwnLinks links = new OwnLinks();

	private volatile LoopEndObserver endObserver = (loop) -> {
	};

	private volatile boolean closing;

	/**
	 * Starts no thread yet; each loop starts with its first connection.
	 * @param threads how many loops; one for each core is a good choice
	 * @param clock tells when a frame was seen
	 */
	public EventLoops(int threads, Clock clock) {
		this(Transport.best(), threads, clock, System::nanoTime);
	}

	/**
	 * Loops with a transport of choice, on which silence may be measured by another time
	 * than the machine's.
	 * @param transport one that {@linkplain Transport#isAvailable() can be had}
	 * @param nanoTime as {@link System#nanoTime()}
	 */
	public EventLoops(Transport transport, int threads, Clock clock, LongSupplier nanoTime) {
		this(transport, threads, clock, nanoTime, new MemoryBudget(DirectMemory.share()));
	}

	/**
	 * Loops whose connections hold no more memory than a budget of choice.
	 * @param memory bounds what all of them hold
	 */
	public EventLoops(Transport transport, int threads, Clock clock, LongSupplier nanoTime, MemoryBudget memory) {
		this.transport = transport;
		this.memory = memory;
		this.group = new MultiThreadIoEventLoopGroup(threads, new ThreadPerTaskExecutor(new LoopThreadFactory()),
				this::chooser, transport.handlers(allocator()));
		this.clock = clock;
		this.nanoTime = nanoTime;
		this.ports = new Ports(this::preferred, nanoTime);
		memory.guard(this.ports);
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

	/**
	 * Tells an observer of loops that end by an error, in place of any before.
	 */
	public void observeEnds(LoopEndObserver observer) {
		this.endObserver = observer;
	}

	/** All loops, each time in the same order. */
	Stream<EventExecutor> all() {
		return StreamSupport.stream(this.group.spliterator(), /* parallel= */ false);
	}

	private void ended(String loop) {
		if (!this.closing) {
			this.endObserver.ended(loop);
		}
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

	/**
	 * The ports that are open on these loops.
	 */
	public Ports ports() {
		return this.ports;
	}

	OwnLinks links() {
		return this.links;
	}

	Transport transport() {
		return this.transport;
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
		return DirectMemory.BUFFERS.metric().usedDirectMemory();
	}

	ByteBufAllocator allocator() {
		return DirectMemory.BUFFERS;
	}

	/**
	 * Bounds what all connections hold together.
	 */
	public MemoryBudget memory() {
		return this.memory;
	}

	/** The part of the budget that a loop's connections hold. */
	LoopMemory memoryOf(EventLoop loop) {
		return this.memories.computeIfAbsent(loop, this.memory::addLoop);
	}

	/** One for all channels; what it learns of a channel it keeps with that channel. */
	RecvByteBufAllocator receiveBuffers() {
		return this.receiveBuffers;
	}

	Class<? extends ServerChannel> serverChannel() {
		return this.transport.serverChannel();
	}

	Class<? extends SocketChannel> socketChannel() {
		return this.transport.socketChannel();
	}

	/**
	 * Ends the threads. Connections that are still open are closed without notice. Waits
	 * at most five seconds, not at all on a loop's own thread.
	 */
	@Override
	public void close() {
		this.closing = true;
		var closed = this.group.shutdownGracefully(0, CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS);
		if (!isCurrentThread()) {
			closed.awaitUninterruptibly(CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS);
		}
	}

	private final class LoopThreadFactory implements ThreadFactory {

		private final AtomicInteger count = new AtomicInteger();

		@Override
		public Thread newThread(Runnable task) {
			String name = "holdfast-loop-" + this.count.incrementAndGet();
			return new LoopThread(() -> {
				task.run();
				// Netty has logged what it was and closed the loop's connections
				ended(name);
			}, name);
		}

	}

	private static final class LoopThread extends FastThreadLocalThread {

		LoopThread(Runnable task, String name) {
			super(task, name);
		}

	}

}
