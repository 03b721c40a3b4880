package io.holdfast.transport;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

import io.holdfast.framing.FrameReader;
import io.holdfast.framing.FrameWriter;
import io.holdfast.framing.FramingException;
import io.holdfast.transport.FrameInput.Pause;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.AttributeKey;
import org.jspecify.annotations.Nullable;

import org.springframework.integration.ip.tcp.serializer.SoftEndOfStreamException;

/**
 * One connection's place in its Netty pipeline: owns its {@link FrameInput way in} and
 * {@link FrameOutput way out}, and sees it begin and end. Belongs to the connection's
 * loop but for what is marked otherwise. It is in the pipeline from the first moment,
 * since a peer may send and leave before its connection is set up.
 */
final class FrameHandler extends ChannelInboundHandlerAdapter {

	/**
	 * How long a peer may take no output after a close, or may go on to send once it has
	 * been told of it, before the channel is cut.
	 */
	private static final long CLOSE_LINGER_SECONDS = 5;

	private static final AttributeKey<FrameHandler> KEY = AttributeKey.valueOf(FrameHandler.class, "of");

	private final SocketChannel channel;

	private final FrameInput input;

	private final FrameOutput output;

	private final HeldMemory memory;

	private final EventLoops loops;

	private final TrafficCounters counters;

	/** Whether the loop was chosen for it, and counts it. */
	private final boolean chosen;

	private @Nullable ChannelHandlerContext context;

	private volatile @Nullable NettyTcpConnection connection;

	private @Nullable Throwable failure;

	private volatile @Nullable Departure departure;

	private volatile boolean failed;

	private boolean pausesAtFullOutput;

	private boolean outputBroken;

	FrameHandler(SocketChannel channel, FrameReader reader, FrameWriter writer, OutputLimits limits, EventLoops loops,
			TrafficCounters counters, boolean accepted, boolean chosen) {
		this.channel = channel;
		this.chosen = chosen;
		this.input = new FrameInput(this, reader, counters);
		this.output = new FrameOutput(this, writer, limits);
		this.memory = new HeldMemory(this, accepted);
		this.loops = loops;
		this.counters = counters;
		channel.attr(KEY).set(this);
	}

	/** Any thread: that of a channel, also of one that has ended and let go of it. */
	static FrameHandler of(SocketChannel channel) {
		return channel.attr(KEY).get();
	}

	ChannelHandlerContext context() {
		ChannelHandlerContext added = this.context;
		if (added == null) {
			throw new IllegalStateException("not in a pipeline yet");
		}
		return added;
	}

	SocketChannel channel() {
		return this.channel;
	}

	EventLoop loop() {
		return this.channel.eventLoop();
	}

	FrameInput input() {
		return this.input;
	}

	FrameOutput output() {
		return this.output;
	}

	MemoryBudget budget() {
		return this.loops.memory();
	}

	HeldMemory memory() {
		return this.memory;
	}

	/** Bytes of whole frames that wait for a worker. */
	int waitingBytes() {
		NettyTcpConnection attached = this.connection;
		return (attached != null) ? attached.waitingBytes() : 0;
	}

	/** Closes at once, whatever is owed: the memory is needed. */
	void overloaded(OverloadedException cause) {
		NettyTcpConnection attached = this.connection;
		if (attached != null) {
			attached.closeFor(cause);
		}
		this.failed = true;
		// not within a read or a write of this connection, whose buffers are still in use
		loop().execute(() -> {
			this.output.close(/* flush= */ false);
			this.input.drop();
			this.channel.close();
		});
	}

	/** Any thread: whether there is no point in sending any more. */
	boolean isClosed() {
		NettyTcpConnection attached = this.connection;
		return this.failed || (attached != null && !attached.isOpen());
	}

	/** Gives the handler its connection, before {@link #start}. */
	void attach(NettyTcpConnection attached) {
		this.connection = attached;
	}

	NettyTcpConnection connection() {
		NettyTcpConnection attached = this.connection;
		if (attached == null) {
			throw new IllegalStateException("no connection yet");
		}
		return attached;
	}

	/** The kernel has taken so many frames more, of which some were offered. */
	void flushed(int frames, int offered, int bytes) {
		this.counters.sent(frames, bytes);
		NettyTcpConnection attached = this.connection;
		if (attached != null) {
			attached.onLoop().flushed(offered);
		}
	}

	long nanoTime() {
		return this.loops.nanoTime();
	}

	ByteBufAllocator allocator() {
		return this.loops.allocator();
	}

	/**
	 * Any thread: runs a task on the loop, at once if this is it.
	 * @return false if the loop has ended, and all its channels with it
	 */
	boolean onLoop(Runnable task) {
		if (loop().inEventLoop()) {
			task.run();
			return true;
		}
		try {
			loop().execute(task);
			return true;
		}
		catch (RejectedExecutionException ex) {
			return false;
		}
	}

	@Override
	public void handlerAdded(ChannelHandlerContext added) {
		this.context = added;
		this.memory.join(this.loops.memoryOf(this.channel.eventLoop()));
	}

	@Override
	public void handlerRemoved(ChannelHandlerContext removed) {
		this.memory.part();
		if (this.chosen) {
			this.loops.left(this.channel.eventLoop());
		}
	}

	/**
	 * Stops reading while the peer leaves its output unread. For connections whose frames
	 * are worked on by the loop; elsewhere it is the worker that waits, and a sender that
	 * is no worker must not keep its own replies away.
	 */
	void pauseAtFullOutput(boolean pauses) {
		this.pausesAtFullOutput = pauses;
	}

	/**
	 * Begins to read.
	 * @param soTimeout milliseconds without a byte after which the connection is closed;
	 * 0 for none
	 */
	void start(int soTimeout) {
		this.input.connected();
		if (soTimeout > 0) {
			new ReadTimeout(this, connection(), soTimeout).start();
		}
		this.input.resume(Pause.NOT_STARTED);
		Throwable early = this.failure;
		if (early != null) {
			this.failure = null;
			connection().receiveEnd(early);
		}
		if (!this.channel.isActive()) {
			connection().receiveChannelClosed(new SocketException("Socket closed"));
		}
	}

	@Override
	public void channelRead(ChannelHandlerContext ctx, Object message) {
		ByteBuf bytes = (ByteBuf) message;
		if (isClosed() || isReadingOut()) {
			bytes.release();
			return;
		}
		this.input.read(bytes);
	}

	@Override
	public void channelReadComplete(ChannelHandlerContext ctx) {
		this.input.endReading();
		Departure leaving = this.departure;
		if (leaving != null) {
			leaving.readComplete();
		}
	}

	/** A frame of so many bytes has been taken, so this is a boundary. */
	void frameTaken(int length) {
		Departure leaving = this.departure;
		if (leaving != null) {
			leaving.frameTaken(length);
		}
	}

	@Override
	public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
		if (event == ChannelInputShutdownEvent.INSTANCE) {
			this.input.end();
			Departure leaving = this.departure;
			if (leaving != null && leaving.isReadingOut()) {
				leaving.inputEnded();
			}
		}
		else if (event instanceof SslHandshakeCompletionEvent handshake && handshake.cause() != null) {
			fail(handshake.cause());
		}
		ctx.fireUserEventTriggered(event);
	}

	/** Loop only: sends our end, after all that has been sent. */
	ChannelFuture endOutput() {
		this.output.flush();
		// at once, it would drop what the kernel has not taken yet
		return context().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener((sent) -> {
			SslHandler ssl = ConnectionAssembly.tls(this.channel);
			if (ssl != null) {
				ssl.closeOutbound().addListener((notified) -> this.channel.shutdownOutput());
			}
			else {
				this.channel.shutdownOutput();
			}
		});
	}

	/** Any thread: nothing more is wanted from the peer. */
	void shutdownInput() {
		onLoop(() -> this.channel.shutdownInput().addListener((done) -> this.input.end()));
	}

	@Override
	public void channelWritabilityChanged(ChannelHandlerContext ctx) {
		if (ctx.channel().isWritable()) {
			this.input.resume(Pause.OUTPUT);
			this.output.announceRoom();
			NettyTcpConnection attached = this.connection;
			if (attached != null) {
				attached.onLoop().receiveRoom();
			}
		}
		else {
			if (this.pausesAtFullOutput && !isShakingHands()) {
				this.input.pause(Pause.OUTPUT);
			}
			this.output.watchStall();
		}
	}

	/** A handshake needs input to get its output going. */
	private boolean isShakingHands() {
		SslHandler ssl = ConnectionAssembly.tls(this.channel);
		return ssl != null && !ssl.handshakeFuture().isDone();
	}

	@Override
	public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
		if (cause instanceof ChannelOutputShutdownException) {
			writeFailed(cause);
		}
		else if (!(cause instanceof ClosedChannelException)) {
			if ((cause instanceof IOException || cause instanceof DecoderException) && !this.input.isEndTold()) {
				takeWhatCameBefore(cause);
			}
			fail(cause);
		}
	}

	/** Frames that came before a failed read, and that a pause has kept back. */
	private void takeWhatCameBefore(Throwable cause) {
		if (isStarted() && this.departure == null) {
			// known before they are taken, in whose wake the connection may be closed
			connection().noteCause(rootOf(cause));
			this.input.takePaused();
		}
	}

	private static Throwable rootOf(Throwable cause) {
		return (cause instanceof DecoderException && cause.getCause() != null) ? cause.getCause() : cause;
	}

	/**
	 * Loop only: a write has failed, after which Netty has shut the output. The channel
	 * stays open until the rest of the input has been read, for as long as that goes on.
	 */
	void writeFailed(Throwable failure) {
		Throwable cause = failure.getCause();
		if (this.outputBroken || !(failure instanceof ChannelOutputShutdownException) || cause == null
				|| !this.channel.isActive()) {
			return;
		}
		this.outputBroken = true;
		if (isStarted()) {
			connection().noteCause(endBy(cause));
		}
		else {
			this.failure = endBy(cause);
		}
		// not within the write, which may be within a read
		loop().execute(() -> {
			this.output.close(/* flush= */ false);
			// after the peer's end, all that came is here
			if (!isStarted() || isClosed() || this.departure != null || this.input.isEnded()) {
				this.channel.close();
				return;
			}
			this.input.readOut(endBy(cause));
			closeWhenNothingIsTaken(this.input.taken());
		});
	}

	/** A pipe is broken by a peer that has closed before; else it has reset. */
	private static Throwable endBy(Throwable cause) {
		String message = cause.getMessage();
		return (message != null && message.contains("Broken pipe"))
				? new EOFException("peer closed before it had taken all that was sent to it") : cause;
	}

	private void closeWhenNothingIsTaken(long takenBefore) {
		cancelledAtClose(loop().schedule(() -> {
			if (this.input.taken() > takenBefore) {
				closeWhenNothingIsTaken(this.input.taken());
			}
			else {
				closeNow();
			}
		}, this.output.limits().sendTimeout().toNanos(), TimeUnit.NANOSECONDS));
	}

	private void closeAfterSendTimeout() {
		cancelledAtClose(
				loop().schedule(this::closeNow, this.output.limits().sendTimeout().toNanos(), TimeUnit.NANOSECONDS));
	}

	private void cancelledAtClose(ScheduledFuture<?> timer) {
		this.channel.closeFuture().addListener((closed) -> timer.cancel(false));
	}

	@Override
	public void channelInactive(ChannelHandlerContext ctx) {
		this.input.abort();
		this.output.close(false);
		if (isStarted()) {
			Departure leaving = this.departure;
			if (leaving != null && !leaving.isTaking()) {
				this.input.drop();
			}
			// known before the rest is taken, in whose wake the connection may be closed
			connection().noteCause(new SoftEndOfStreamException("Stream closed between payloads"));
			this.input.takeRest();
			connection().receiveChannelClosed(new SocketException("Socket closed"));
		}
		else {
			this.input.end();
		}
		ctx.fireChannelInactive();
	}

	private boolean isStarted() {
		return !this.input.isPaused(Pause.NOT_STARTED);
	}

	/**
	 * Ends the connection for a reason that lies with the peer or the network. Nothing
	 * more is read; the connection tells Spring Integration after the frames that came
	 * before, and is closed after the send timeout at the latest: a flow that hangs would
	 * keep its socket.
	 */
	void fail(Throwable cause) {
		if (this.input.isEndTold()) {
			return;
		}
		Throwable told = rootOf(cause);
		ByteBuf received = this.input.received();
		if (told instanceof FramingException && received != null) {
			connection().receiveGarbage(told, received);
		}
		this.input.stop();
		if (isStarted()) {
			connection().receiveEnd(told);
			if (connection().isOpen()) {
				closeAfterSendTimeout();
			}
		}
		else {
			this.failure = told;
		}
		this.failed = true;
		// only now: a sender that wakes up closes the connection, and the cause must be
		// known
		this.output.announceRoom();
	}

	/**
	 * Loop only: leaves in order, see {@link Departure}.
	 * @param goodbye the last frame to send, if any
	 */
	void leave(byte @Nullable [] goodbye) {
		if (this.departure == null && !isClosed()) {
			Departure leaving = new Departure(this, connection(), goodbye);
			this.departure = leaving;
			leaving.start();
		}
	}

	/** Any thread: whether it is on its way to leave. */
	boolean isLeaving() {
		return this.departure != null;
	}

	/** Loop only: everything that was owed may have been sent. */
	void settled() {
		Departure leaving = this.departure;
		if (leaving != null) {
			leaving.settled();
		}
	}

	private boolean isReadingOut() {
		Departure leaving = this.departure;
		return leaving != null && leaving.isReadingOut();
	}

	/**
	 * Has the channel closed in five seconds, unless it is by then. As long as the peer
	 * takes output that is due to it, that is put off by one send timeout after the
	 * other: until it takes less in one than the least rate asks for.
	 */
	void afterLinger(Runnable close) {
		lingerFor(CLOSE_LINGER_SECONDS * 1_000_000_000L, this.output.taken() + 1, close);
	}

	private void lingerFor(long nanos, long toBeTaken, Runnable close) {
		cancelledAtClose(loop().schedule(() -> {
			OutputLimits limits = this.output.limits();
			long taken = this.output.taken();
			if (taken >= toBeTaken && this.output.pending() > 0) {
				lingerFor(limits.sendTimeout().toNanos(), taken + limits.leastBytes(), close);
			}
			else {
				close.run();
			}
		}, nanos, TimeUnit.NANOSECONDS));
	}

	/** Loop only: ends a departure. */
	void closeNow() {
		connection().close();
		context().close();
	}

	/** Any thread: closes a connection that could not be set up, and forgets it. */
	void abandon() {
		NettyTcpConnection attached = this.connection;
		if (attached != null) {
			attached.abandon();
		}
		onLoop(() -> {
			this.input.drop();
			this.failed = true;
			this.channel.close();
		});
	}

	/** Any thread: there may be room in the output again, or no need of it. */
	void roomLeft() {
		NettyTcpConnection attached = this.connection;
		if (attached != null) {
			attached.roomLeft();
		}
	}

	/**
	 * Any thread: sends what has been accepted for sending, then closes the channel, at
	 * the latest when the peer takes none of it any more, see {@link #afterLinger}.
	 * @param flush whether the peer is still owed its output
	 */
	void close(boolean flush) {
		onLoop(() -> {
			ChannelHandlerContext ctx = context();
			Departure leaving = this.departure;
			if (flush && leaving != null && this.channel.isActive()) {
				leaving.part();
				afterLinger(this::closeNow);
				return;
			}
			this.output.close(flush);
			if (!flush || !this.channel.isActive() || this.output.pending() == 0) {
				ctx.close();
			}
			else {
				ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
				afterLinger(ctx::close);
			}
			this.input.tidy();
		});
	}

	/**
	 * Any thread: closes as {@link #close} does, but once the peer has seen the end of
	 * its output, or five seconds after it was sent.
	 * @param flush whether the peer is still owed its output; else it closes at once
	 */
	void part(boolean flush) {
		onLoop(() -> {
			if (flush && this.departure == null) {
				this.departure = new Departure(this, connection(), /* goodbye= */ null);
			}
			close(flush);
			afterLinger(this::closeNow);
		});
	}

	/**
	 * Any thread: a snapshot of the counts.
	 */
	ConnectionTraffic traffic(long pendingInput) {
		long now = nanoTime();
		var instant = this.loops.clock().instant();
		return new ConnectionTraffic(this.input.framesIn(), this.output.framesOut(), this.input.bytesIn(),
				this.output.bytesOut(),
				(this.input.framesIn() > 0) ? instant.minusNanos(now - this.input.lastFrameNanos()) : null,
				(this.output.framesOut() > 0) ? instant.minusNanos(now - this.output.lastFrameNanos()) : null,
				pendingInput, this.output.pending());
	}

}
