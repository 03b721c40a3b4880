package io.holdfast.transport;

import java.io.EOFException;
import java.net.SocketException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

import io.holdfast.framing.FrameReader;
import io.holdfast.framing.FrameWriter;
import io.holdfast.framing.FramingException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.AttributeKey;
import org.jspecify.annotations.Nullable;

import org.springframework.integration.ip.tcp.serializer.SoftEndOfStreamException;

/**
 * One connection's place in its Netty pipeline: takes frames off the bytes that come in,
 * owns the {@link FrameOutput way out}, and sees the connection end. Belongs to the
 * connection's loop but for what is marked otherwise.
 * <p>
 * Reading stops while any {@link Pause} holds, in mid-buffer if need be; what has been
 * received but not taken apart is copied, since what it came in may be a large buffer or
 * be shared with other connections. The end of the stream is told only after every frame
 * before it. The handler is in the pipeline from the first moment, since a peer may send
 * and leave before its connection is set up.
 */
final class FrameHandler extends ChannelInboundHandlerAdapter {

	/**
	 * How long output may still drain after a close, and a peer that has been told of it
	 * may go on sending, before the channel is cut.
	 */
	private static final long CLOSE_LINGER_SECONDS = 5;

	private static final AttributeKey<FrameHandler> KEY = AttributeKey.valueOf(FrameHandler.class, "of");

	private final SocketChannel channel;

	private final FrameReader reader;

	private final FrameOutput output;

	private final EventLoops loops;

	private final TrafficCounters counters;

	/** Whether the loop was chosen for it, and counts it. */
	private final boolean chosen;

	private @Nullable ChannelHandlerContext context;

	private volatile @Nullable NettyTcpConnection connection;

	private @Nullable Throwable failure;

	private @Nullable ByteBuf received;

	private @Nullable FrameOutput follower;

	private @Nullable FrameFilter filter;

	private volatile @Nullable Departure departure;

	private volatile boolean failed;

	private volatile int pauses = Pause.NOT_STARTED.bit;

	private boolean reading;

	private boolean taking;

	private boolean pausesAtFullOutput;

	private boolean inputEnded;

	private boolean endTold;

	private boolean endHeld;

	private int batchFrames;

	private int batchBytes;

	private long framesIn;

	private long bytesIn;

	private long lastFrameNanos;

	private long lastReadNanos;

	FrameHandler(SocketChannel channel, FrameReader reader, FrameWriter writer, OutputLimits limits, EventLoops loops,
			TrafficCounters counters, boolean chosen) {
		this.channel = channel;
		this.chosen = chosen;
		this.reader = reader;
		this.output = new FrameOutput(this, writer, limits);
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

	FrameOutput output() {
		return this.output;
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

	private NettyTcpConnection connection() {
		NettyTcpConnection attached = this.connection;
		if (attached == null) {
			throw new IllegalStateException("no connection yet");
		}
		return attached;
	}

	/** The kernel has taken so many frames more. */
	void flushed(int frames, int bytes) {
		this.counters.sent(frames, bytes);
		NettyTcpConnection attached = this.connection;
		if (attached != null) {
			attached.flushed(frames);
		}
	}

	/** Has a filter look at each frame that is yet to come; null for none. */
	void filter(@Nullable FrameFilter first) {
		this.filter = first;
	}

	@Nullable FrameFilter filter() {
		return this.filter;
	}

	/** Any thread. */
	boolean isPaused(Pause pause) {
		return (this.pauses & pause.bit) != 0;
	}

	boolean isPausedAtAll() {
		return this.pauses != 0;
	}

	/** Whether a batch of reads is under way, whose end will flush. */
	boolean isReading() {
		return this.reading;
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
	}

	@Override
	public void handlerRemoved(ChannelHandlerContext removed) {
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
		this.lastReadNanos = nanoTime();
		this.lastFrameNanos = this.lastReadNanos;
		if (soTimeout > 0) {
			new ReadTimeout(this, connection(), soTimeout).start();
		}
		resume(Pause.NOT_STARTED);
		Throwable early = this.failure;
		if (early != null) {
			this.failure = null;
			connection().receiveEnd(early);
		}
		if (!this.channel.isActive()) {
			connection().receiveChannelClosed(new SocketException("Socket closed"));
		}
	}

	/**
	 * Stops taking frames. The channel is told to read no more when bytes come that
	 * nobody takes: most pauses are over before, and telling it costs two system calls.
	 */
	void pause(Pause pause) {
		this.pauses = this.pauses | pause.bit;
	}

	void resume(Pause pause) {
		if ((this.pauses & pause.bit) == 0) {
			return;
		}
		this.pauses = this.pauses & ~pause.bit;
		// from within, the taking goes on by itself
		if (this.pauses == 0 && !this.taking) {
			takeFrames(this.received);
			endBatch();
			if (this.pauses == 0 && !isClosed()) {
				this.channel.config().setAutoRead(true);
			}
		}
	}

	@Override
	public void channelRead(ChannelHandlerContext ctx, Object message) {
		ByteBuf bytes = (ByteBuf) message;
		if (isClosed() || isReadingOut()) {
			bytes.release();
			return;
		}
		boolean nobodyTakes = this.pauses != 0;
		this.reading = true;
		this.lastReadNanos = nanoTime();
		this.batchBytes += bytes.readableBytes();
		ByteBuf before = this.received;
		if (before != null) {
			bytes = ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), before, bytes);
			this.received = bytes;
		}
		takeFrames(bytes);
		if (this.received == message) {
			this.received = ctx.alloc().buffer(bytes.readableBytes()).writeBytes(bytes);
			bytes.release();
		}
		if (nobodyTakes && this.pauses != 0) {
			this.channel.config().setAutoRead(false);
		}
	}

	@Override
	public void channelReadComplete(ChannelHandlerContext ctx) {
		endReading();
	}

	private void endReading() {
		this.reading = false;
		endBatch();
	}

	private void endBatch() {
		if (this.batchBytes > 0 || this.batchFrames > 0) {
			if (this.batchFrames > 0) {
				this.lastFrameNanos = this.lastReadNanos;
			}
			this.framesIn += this.batchFrames;
			this.bytesIn += this.batchBytes;
			this.counters.received(this.batchFrames, this.batchBytes);
			this.batchFrames = 0;
			this.batchBytes = 0;
		}
		this.output.flush();
		flushFollower();
	}

	private void flushFollower() {
		FrameOutput led = this.follower;
		if (led != null) {
			this.follower = null;
			led.flush();
		}
	}

	/** Flushes that output too when what is being read is done; one at a time. */
	void lead(FrameOutput other) {
		if (this.follower != other) {
			flushFollower();
		}
		this.follower = other;
	}

	/**
	 * Takes frames for as long as nothing pauses that.
	 * @param bytes what has come: what was kept before, or else what is new. That is kept
	 * once somebody is told of a frame in it, or something is left: heartbeats are most
	 * often alone, and to keep what is gone at once costs the collector.
	 */
	private void takeFrames(@Nullable ByteBuf bytes) {
		if (this.taking) {
			return; // a listener resumed reading from within: the loop below goes on
		}
		this.taking = true;
		boolean kept = this.received != null;
		try {
			while (bytes != null && this.pauses == 0 && !isClosed()) {
				byte[] frame = this.reader.next(bytes);
				if (frame == null) {
					break;
				}
				if (this.filter == null || !this.filter.consumes(frame)) {
					if (!kept) {
						kept = true;
						this.received = bytes;
					}
					this.batchFrames++;
					connection().receive(frame);
				}
				Departure leaving = this.departure;
				if (leaving != null) {
					leaving.frameTaken();
				}
			}
		}
		catch (FramingException ex) {
			kept = true;
			this.received = bytes;
			fail(ex);
		}
		finally {
			this.taking = false;
			if (!kept && bytes != null) {
				keepRest(bytes);
			}
			tidy();
		}
		if (this.inputEnded && this.pauses == 0) {
			tellEnd();
		}
	}

	private void keepRest(ByteBuf bytes) {
		if (bytes.isReadable()) {
			this.received = bytes;
		}
		else {
			bytes.release();
		}
	}

	private void tidy() {
		ByteBuf bytes = this.received;
		if (bytes == null) {
			return;
		}
		if (!bytes.isReadable() || isClosed()) {
			dropReceived();
		}
		else if (bytes.readerIndex() > bytes.capacity() / 2) {
			bytes.discardReadBytes();
		}
	}

	@Override
	public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
		if (event == ChannelInputShutdownEvent.INSTANCE) {
			this.inputEnded = true;
			Departure leaving = this.departure;
			if (leaving != null && leaving.isReadingOut()) {
				leaving.inputEnded();
			}
			else if (this.pauses == 0) {
				tellEnd();
			}
		}
		else if (event instanceof SslHandshakeCompletionEvent handshake && handshake.cause() != null) {
			fail(handshake.cause());
		}
		ctx.fireUserEventTriggered(event);
	}

	private void tellEnd() {
		if (this.endTold || isClosed()) {
			return;
		}
		if (this.endHeld) {
			connection().receiveHeldEnd();
			return;
		}
		ByteBuf rest = this.received;
		int left = 0;
		if (rest != null) {
			try {
				byte[] last = this.reader.last(rest);
				if (last != null) {
					this.batchFrames++;
					connection().receive(last);
				}
			}
			catch (FramingException ex) {
				fail(ex);
				return;
			}
			left = rest.readableBytes();
		}
		endBatch();
		this.endTold = true;
		connection().receiveEnd((left == 0) ? new SoftEndOfStreamException("Stream closed between payloads")
				: new EOFException("peer closed in mid-frame, after " + left + " bytes of it"));
	}

	/**
	 * Loop only: keeps the end of the peer's stream to itself for as long as it is held,
	 * so that what the peer is still owed can be sent. An end of the whole connection is
	 * told in any case.
	 */
	void holdEnd(boolean hold) {
		this.endHeld = hold;
		if (!hold) {
			settled();
		}
		if (!hold && this.inputEnded && this.pauses == 0 && !this.taking) {
			tellEnd();
		}
	}

	/**
	 * When the bytes came that are being worked on, or the last ones.
	 */
	long lastReadNanos() {
		return this.lastReadNanos;
	}

	boolean isEndHeld() {
		return this.endHeld;
	}

	boolean isInputEnded() {
		return this.inputEnded;
	}

	/** Whether a part of a frame has come, or frames that nobody has taken yet. */
	boolean isInMidFrame() {
		ByteBuf bytes = this.received;
		return bytes != null && bytes.isReadable();
	}

	/** When the last frame came that no filter consumed, or the connection. */
	long lastFrameInNanos() {
		return this.lastFrameNanos;
	}

	/** Whether bytes have come that are not taken yet, or the peer's end. */
	boolean hasUnread() {
		return this.inputEnded || isInMidFrame();
	}

	/** Loop only: sends our end, after all that has been sent. */
	ChannelFuture endOutput() {
		this.output.flush();
		// at once, it would drop what the kernel has not taken yet
		return context().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener((sent) -> {
			SslHandler ssl = this.channel.pipeline().get(SslHandler.class);
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
		onLoop(() -> this.channel.shutdownInput().addListener((done) -> {
			this.inputEnded = true;
			if (this.pauses == 0) {
				tellEnd();
			}
		}));
	}

	@Override
	public void channelWritabilityChanged(ChannelHandlerContext ctx) {
		if (ctx.channel().isWritable()) {
			resume(Pause.OUTPUT);
			this.output.announceRoom();
			NettyTcpConnection attached = this.connection;
			if (attached != null) {
				attached.receiveRoom();
			}
		}
		else {
			if (this.pausesAtFullOutput && !isShakingHands()) {
				pause(Pause.OUTPUT);
			}
			this.output.watchStall();
		}
	}

	/** A handshake needs input to get its output going. */
	private boolean isShakingHands() {
		SslHandler ssl = this.channel.pipeline().get(SslHandler.class);
		return ssl != null && !ssl.handshakeFuture().isDone();
	}

	@Override
	public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
		fail(cause);
	}

	@Override
	public void channelInactive(ChannelHandlerContext ctx) {
		this.reading = false;
		flushFollower();
		this.output.close(false);
		if (isStarted()) {
			if (this.departure != null) {
				dropReceived();
			}
			if (!isClosed()) {
				this.pauses = 0;
				this.endHeld = false;
				this.inputEnded = true;
				takeFrames(this.received);
			}
			tidy();
			connection().receiveChannelClosed(new SocketException("Socket closed"));
		}
		else {
			this.inputEnded = true;
		}
		ctx.fireChannelInactive();
	}

	private boolean isStarted() {
		return !isPaused(Pause.NOT_STARTED);
	}

	/**
	 * Ends the connection for a reason that lies with the peer or the network. Nothing
	 * more is read; the connection tells Spring Integration after the frames that came
	 * before.
	 */
	void fail(Throwable cause) {
		if (this.endTold) {
			return;
		}
		Throwable told = (cause instanceof DecoderException && cause.getCause() != null) ? cause.getCause() : cause;
		if (told instanceof FramingException && this.received != null) {
			connection().receiveGarbage(told, this.received);
		}
		this.endTold = true;
		this.channel.config().setAutoRead(false);
		// the end of a read that was called off is not told everywhere
		endReading();
		if (isStarted()) {
			connection().receiveEnd(told);
		}
		else {
			this.failure = told;
		}
		this.failed = true;
		// only now: a sender that wakes up closes the connection, and the cause must be
		// known
		this.output.announceRoom();
	}

	/** Lets go of what has come and was not taken. */
	void dropReceived() {
		ByteBuf bytes = this.received;
		this.received = null;
		if (bytes != null) {
			bytes.release();
		}
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

	/** Has the channel closed in a while, unless it is by then. */
	void afterLinger(Runnable close) {
		var cut = loop().schedule(close, CLOSE_LINGER_SECONDS, TimeUnit.SECONDS);
		this.channel.closeFuture().addListener((closed) -> cut.cancel(false));
	}

	/** Loop only: ends a departure. */
	void closeNow() {
		connection().close();
		context().close();
	}

	/** Lets go of what was received by a connection that never came to be. */
	void abandon() {
		onLoop(() -> {
			dropReceived();
			this.failed = true;
			this.channel.close();
		});
	}

	/**
	 * Any thread: sends what has been accepted for sending, then closes the channel, at
	 * the latest after five seconds.
	 * @param flush whether the peer is still owed its output
	 */
	void close(boolean flush) {
		onLoop(() -> {
			ChannelHandlerContext ctx = context();
			Departure leaving = this.departure;
			if (flush && leaving != null && this.channel.isActive()) {
				leaving.part();
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
			if (!this.taking) {
				tidy();
			}
		});
	}

	/**
	 * Any thread: a snapshot of the counts.
	 */
	ConnectionTraffic traffic(long pendingInput) {
		long now = nanoTime();
		var instant = this.loops.clock().instant();
		return new ConnectionTraffic(this.framesIn, this.output.framesOut(), this.bytesIn, this.output.bytesOut(),
				(this.framesIn > 0) ? instant.minusNanos(now - this.lastFrameNanos) : null,
				(this.output.framesOut() > 0) ? instant.minusNanos(now - this.output.lastFrameNanos()) : null,
				pendingInput, this.output.pending());
	}

	/**
	 * Why a connection is not read at the moment.
	 */
	enum Pause {

		/** Nobody has asked for its frames yet. */
		NOT_STARTED(1),

		/** Its own output waits for the peer. */
		OUTPUT(2),

		/** Frames wait for a worker. */
		WORKERS(4),

		/** Where the frames go, there is no room. */
		ROUTE(8),

		/** It leaves, and takes no more. */
		LEAVING(16);

		private final int bit;

		Pause(int bit) {
			this.bit = bit;
		}

	}

}
