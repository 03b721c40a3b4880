package io.holdfast.transport;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.function.IntConsumer;

import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;

import io.holdfast.framing.FramingException;
import io.holdfast.transport.FrameInput.Pause;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslHandler;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.integration.ip.tcp.connection.TcpConnectionInterceptorSupport;
import org.springframework.integration.ip.tcp.connection.TcpConnectionSupport;
import org.springframework.integration.ip.tcp.connection.TcpListener;
import org.springframework.integration.ip.tcp.serializer.SoftEndOfStreamException;
import org.springframework.integration.ip.tcp.serializer.TcpDeserializationExceptionEvent;
import org.springframework.messaging.Message;
import org.springframework.messaging.MessagingException;

/**
 * A connection of Spring Integration's kind on a Netty channel. Frames and events reach
 * the listener one at a time and in order, on the thread that the factory's
 * {@link Delivery} names. {@link #send} may be called from any thread; it waits for a
 * slow peer only on threads that may block.
 */
public final class NettyTcpConnection extends TcpConnectionSupport {

	// updaters, not atomics: there are very many connections
	private static final AtomicIntegerFieldUpdater<NettyTcpConnection> CLOSED = AtomicIntegerFieldUpdater
		.newUpdater(NettyTcpConnection.class, "closed");

	private static final AtomicIntegerFieldUpdater<NettyTcpConnection> END_TOLD = AtomicIntegerFieldUpdater
		.newUpdater(NettyTcpConnection.class, "endTold");

	/** Bytes of malformed input to show, as many as the stock deserializers do. */
	private static final int MAX_GARBAGE = 2048;

	private final ChannelSocket socket;

	private final FrameHandler handler;

	private final ConnectionAssembly assembly;

	private final Handover handover;

	private volatile int closed;

	@SuppressWarnings("UnusedVariable") // used through its updater
	private volatile int endTold;

	private boolean manualListener;

	private volatile boolean listenerRegistered;

	private volatile @Nullable Throwable closeCause;

	private boolean coupled = true;

	private boolean discardsUnsent;

	/** Guarded by this. */
	private boolean gone;

	private @Nullable Runnable roomObserver;

	private @Nullable Runnable endObserver;

	private @Nullable IntConsumer flushObserver;

	NettyTcpConnection(ChannelSocket socket, boolean server, boolean lookupHost,
			@Nullable ApplicationEventPublisher publisher, @Nullable String factoryName, ConnectionAssembly assembly) {
		super(socket, server, lookupHost, publisher, factoryName);
		this.socket = socket;
		this.assembly = assembly;
		this.handler = FrameHandler.of(socket.channel());
		this.handover = new Handover(this, this.handler, assembly);
		this.handler.attach(this);
	}

	/**
	 * What is beneath a connection's interceptors.
	 * @param connection a connection, or the source of an event about one
	 * @return empty if it is of another kind
	 */
	public static Optional<NettyTcpConnection> beneath(Object connection) {
		Object inner = connection;
		while (inner instanceof TcpConnectionInterceptorSupport interceptor) {
			inner = interceptor.getTheConnection();
		}
		return (inner instanceof NettyTcpConnection ours) ? Optional.of(ours) : Optional.empty();
	}

	/**
	 * The peer's end.
	 */
	public InetSocketAddress remoteAddress() {
		return this.socket.remote();
	}

	/**
	 * Our end.
	 */
	public InetSocketAddress localAddress() {
		return this.socket.local();
	}

	/**
	 * What has passed so far. Any thread; may be a batch of frames behind.
	 */
	public ConnectionTraffic traffic() {
		return this.handler.traffic(this.handover.pendingBytes());
	}

	/**
	 * What ended the connection from the peer's side or the network's:
	 * {@link SoftEndOfStreamException} if the peer closed between frames,
	 * {@link EOFException} in mid-frame, {@link FramingException},
	 * {@link SlowConsumerException}, {@link java.net.SocketTimeoutException},
	 * {@link javax.net.ssl.SSLException} or another {@link IOException}. Known as soon as
	 * it happens, while earlier frames may still be under way to the listener. Empty
	 * while nothing has ended it, and when it was closed here.
	 */
	public Optional<Throwable> closeCause() {
		return Optional.ofNullable(this.closeCause);
	}

	/**
	 * The loop that the connection lives on. What is marked below as belonging to the
	 * loop is called there and nowhere else.
	 */
	public EventLoop eventLoop() {
		return this.handler.loop();
	}

	/**
	 * Any thread: whether the peer takes what is sent to it; false from half of
	 * {@link OutputLimits#maxPending()} on until a quarter of it is left.
	 */
	public boolean isWritable() {
		return channel().isWritable();
	}

	/**
	 * Loop: whom to tell when the connection becomes writable again. One at a time.
	 */
	public void onWritable(@Nullable Runnable observer) {
		this.roomObserver = observer;
	}

	/**
	 * Loop: sends a frame without waiting and without looking at what is pending; the
	 * sender heeds {@link #isWritable()} before.
	 * @return number of the flush that it leaves with, for {@link #mayHaveLeft}; negative
	 * if the connection is closed
	 * @throws FramingException if it cannot be framed; nothing else has changed then
	 */
	public long offer(byte[] frame) {
		return isOpen() ? this.handler.output().offer(frame) : -1;
	}

	/**
	 * Loop: sends a frame as {@link #offer} does, but at once instead of at the end of
	 * the loop's round. For links that nobody else adds to.
	 */
	public long offerNow(byte[] frame) {
		return isOpen() ? this.handler.output().offerNow(frame) : -1;
	}

	/**
	 * Loop: sends what is offered while another connection of the loop is read at the end
	 * of that read, instead of at the end of the loop's round. For pairs of connections
	 * that feed each other alone.
	 */
	public void flushWith(NettyTcpConnection source) {
		this.handler.output().flushWith(source.handler.input());
	}

	/**
	 * Loop: whether any byte of a flush may have been sent. Known {@linkplain #whenGone
	 * once the socket is closed}: a frame of which it is false then never reached the
	 * peer.
	 */
	public boolean mayHaveLeft(long flush) {
		return this.handler.output().mayHaveLeft(flush);
	}

	/**
	 * Loop: sends a frame without waiting. A peer that has too much unread is closed, as
	 * {@link SlowConsumerException}.
	 * @return false if the connection is closed, now or before
	 * @throws FramingException if it cannot be framed; nothing else has changed then
	 */
	public boolean trySend(byte[] frame) {
		return isOpen() && this.handler.output().send(frame);
	}

	/**
	 * Loop: takes no frames until {@link #resumeReading()}. What has come by then waits
	 * as bytes, and the peer is held back.
	 */
	public void pauseReading() {
		this.handler.input().pause(Pause.ROUTE);
	}

	/**
	 * Loop: goes on after {@link #pauseReading()}, at once with what has come since.
	 */
	public void resumeReading() {
		this.handler.input().resume(Pause.ROUTE);
	}

	/**
	 * Loop: while held, the end of the peer's stream is not told, so that a peer that has
	 * finished still gets what it is owed. A connection that is gone is told in any case.
	 */
	public void holdEnd(boolean hold) {
		this.handler.input().holdEnd(hold);
	}

	/**
	 * Loop: whom to tell, instead of the listener, when the peer's stream has ended while
	 * that is held.
	 */
	public void onHeldEnd(Runnable observer) {
		this.endObserver = observer;
	}

	void receiveHeldEnd() {
		Runnable observer = this.endObserver;
		if (observer != null) {
			observer.run();
		}
	}

	/**
	 * Loop: whom to tell of frames that the kernel has taken, with their number.
	 */
	public void onFlushed(@Nullable IntConsumer observer) {
		this.flushObserver = observer;
	}

	void flushed(int frames) {
		IntConsumer observer = this.flushObserver;
		if (observer != null) {
			observer.accept(frames);
		}
	}

	/**
	 * Runs a task on the loop once the socket is closed, after what was still being sent
	 * at the close.
	 */
	public void whenGone(Runnable task) {
		channel().closeFuture().addListener((gone) -> task.run());
	}

	/**
	 * Loop: goes on reading while the peer leaves its own output unread. For connections
	 * whose input and output have nothing to do with each other.
	 */
	public void uncoupleInputFromOutput() {
		this.coupled = false;
		this.handler.pauseAtFullOutput(false);
	}

	/**
	 * Loop: whether what is unsent when the connection is closed, by whomever, is dropped
	 * instead of sent. For frames that are tried elsewhere, see {@link #mayHaveLeft}.
	 */
	public void discardUnsent(boolean discard) {
		this.discardsUnsent = discard;
	}

	/**
	 * Has a filter look at each frame before the listener does. Loop, or before the
	 * connection runs.
	 */
	public void filter(@Nullable FrameFilter filter) {
		this.handler.input().filter(filter);
	}

	/**
	 * The filter that was set.
	 */
	public @Nullable FrameFilter filter() {
		return this.handler.input().filter();
	}

	/**
	 * Loop: sends a frame as {@link #trySend} does, but counts it as none. For heartbeats
	 * and the like, which no route knows of.
	 */
	public boolean sendUncounted(byte[] frame) {
		return isOpen() && this.handler.output().sendUncounted(frame);
	}

	/**
	 * Loop: sends a frame as {@link #sendUncounted(byte[])} does, at once.
	 */
	public boolean sendUncounted(PreparedFrame frame) {
		return isOpen() && this.handler.output().sendUncounted(frame);
	}

	/**
	 * Loop: ends the connection as if the network had, with a cause that
	 * {@link #closeCause()} tells. What was accepted for sending is still sent.
	 */
	public void end(IOException cause) {
		this.handler.fail(cause);
	}

	/**
	 * Any thread: leaves in order. Frames that have not begun to come are not taken any
	 * more; when nothing is owed for those before, the factory's goodbye and the end of
	 * the stream are sent, the peer is read out for at most five seconds, and the
	 * connection closes. Takes as long as what is owed takes: {@link #close()} and
	 * {@link #cut()} end it early.
	 */
	public void leave() {
		this.handler.onLoop(() -> this.handler.leave(this.assembly.goodbye()));
	}

	/**
	 * Any thread: whether the connection is on its way to leave.
	 */
	public boolean isLeaving() {
		return this.handler.isLeaving();
	}

	/**
	 * Any thread: closes at once, whatever is owed.
	 */
	public void cut() {
		this.handler.onLoop(this.handler::closeNow);
	}

	/**
	 * Any thread, as of a moment ago: whether a frame is under way, in either direction
	 * or in the application, so that an end now would cost the peer something.
	 */
	public boolean hasPending() {
		return this.handler.input().isInMidFrame() || this.handler.input().isEndHeld() || isDelivering()
				|| this.handler.output().pending() > 0;
	}

	/**
	 * Loop: whether frames are not taken at the moment, because whoever works on them, or
	 * the peer itself, has no room for more. The peer's silence says nothing then.
	 */
	public boolean isHeldUp() {
		return this.handler.input().isPausedAtAll() || isDelivering();
	}

	/**
	 * Loop: when the last frame came that no filter consumed, or else the connection, in
	 * the time of {@link EventLoops#nanoTime()}.
	 */
	public long lastFrameInNanos() {
		return this.handler.input().lastFrameNanos();
	}

	/**
	 * Loop: whether bytes have come that are no whole frame yet, or the peer's end.
	 */
	public boolean hasUnread() {
		return this.handler.input().hasUnread();
	}

	/**
	 * Loop: when the bytes came that are being worked on, or the last ones, in the time
	 * of {@link EventLoops#nanoTime()}.
	 */
	public long lastReadNanos() {
		return this.handler.input().lastReadNanos();
	}

	/**
	 * Loop: delivers from now on where the next holder of the connection wants it, for
	 * factories that lend connections out.
	 */
	public void deliverOn(Delivery delivery) {
		this.handover.goOn(delivery);
	}

	void receiveRoom() {
		Runnable observer = this.roomObserver;
		if (observer != null) {
			observer.run();
		}
	}

	FrameHandler handler() {
		return this.handler;
	}

	SocketChannel channel() {
		return this.handler.channel();
	}

	Socket socket() {
		return this.socket;
	}

	@Override
	public void enableManualListenerRegistration() {
		this.manualListener = true;
		super.enableManualListenerRegistration();
	}

	@Override
	public void registerListener(@Nullable TcpListener listener) {
		this.listenerRegistered = true;
		super.registerListener(listener);
	}

	/**
	 * Publishes the open event and begins to read. Called once, after the listener and
	 * the senders were registered.
	 */
	@Override
	public void run() {
		boolean onWorkers = this.handover.prepare(this.manualListener);
		if (!onWorkers && this.coupled) {
			this.handler.pauseAtFullOutput(true);
		}
		this.handover.opened();
		if (!this.handler.onLoop(() -> this.handler.start(this.socket.getSoTimeout()))) {
			receiveChannelClosed(new SocketException("Socket closed"));
		}
	}

	void receive(byte[] frame) {
		this.handover.frame(frame);
	}

	/** Whether frames are still under way to the listener. */
	boolean isDelivering() {
		return this.handover.pendingBytes() > 0;
	}

	/**
	 * Bytes came that are no frame. Told with the bytes, as the stock deserializers do,
	 * since a malformed frame can only be understood by looking at it.
	 */
	void receiveGarbage(Throwable cause, ByteBuf received) {
		byte[] bytes = new byte[Math.min(received.readableBytes(), MAX_GARBAGE)];
		received.getBytes(received.readerIndex(), bytes);
		ApplicationEventPublisher publisher = this.assembly.publisher();
		if (publisher != null) {
			publisher.publishEvent(new TcpDeserializationExceptionEvent(this,
					new IOException(cause.getMessage(), cause), bytes, bytes.length));
		}
	}

	/** Nothing more comes; the listener learns of it after all that came before. */
	void receiveEnd(Throwable cause) {
		if (isOpen() && this.closeCause == null) {
			this.closeCause = cause;
		}
		this.handover.ended(cause);
	}

	/**
	 * The channel is gone. Tells nothing that {@link #receiveEnd} has told before; after
	 * a close on this side the listener learns of it here, as it does with stock
	 * connections.
	 */
	void receiveChannelClosed(SocketException cause) {
		receiveEnd(cause);
		this.assembly.forget(this);
		synchronized (this) {
			this.gone = true;
			notifyAll();
		}
	}

	/**
	 * Not on a loop: waits until nothing more comes from the channel, and the listener,
	 * or the worker that will tell it, knows.
	 * @param deadlineNanos when to wait no longer, in the time of {@link System#nanoTime}
	 */
	synchronized void awaitGone(long deadlineNanos) {
		try {
			for (long left = deadlineNanos - System.nanoTime(); left > 0
					&& !this.gone; left = deadlineNanos - System.nanoTime()) {
				TimeUnit.NANOSECONDS.timedWait(this, left);
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * The frame that a mapper is mapping at the moment; only for mappers, on the
	 * delivering thread.
	 */
	@Override
	public byte @Nullable [] getPayload() {
		return this.handover.payload();
	}

	void tellOpened() {
		publishConnectionOpenEvent();
	}

	/** Tells the listener of the end, once. */
	void tellEnd(Throwable cause) {
		if (!END_TOLD.compareAndSet(this, 0, 1)) {
			return;
		}
		// closed here before anybody took it, such as after a failed connection test: the
		// parent's stand-in for a listener to come would call itself for ever
		boolean nobodyToTell = !isOpen() && this.manualListener && !this.listenerRegistered;
		publishConnectionExceptionEvent(asStock(cause));
		closeConnection(true);
		if (!nobodyToTell && !(cause instanceof SoftEndOfStreamException)) {
			if (this.logger.isDebugEnabled()) {
				this.logger.debug("connection " + getConnectionId() + " - closed: " + cause.getMessage());
			}
			sendExceptionToListener(asException(cause));
		}
	}

	void closeFor(Throwable cause) {
		this.closeCause = cause;
		close();
	}

	/** In the wrapping in which listeners of the stock events look for a cause. */
	private static Throwable asStock(Throwable cause) {
		return (asException(cause) instanceof IOException io) ? new UncheckedIOException(io) : cause;
	}

	private static Exception asException(Throwable cause) {
		if (cause instanceof FramingException) {
			return new IOException(cause.getMessage(), cause);
		}
		return (cause instanceof Exception exception) ? exception : new IOException(cause);
	}

	/**
	 * Sends one frame. On a thread that may block, waits while the peer has
	 * {@link OutputLimits} unread; on an event loop, closes the connection instead.
	 * @throws MessagingException if the connection is closed or the payload cannot be
	 * framed; the connection is closed then
	 */
	@Override
	public void send(Message<?> message) {
		try {
			Object object = getMapper().fromMessage(message);
			if (!(object instanceof byte[] bytes)) {
				throw new IllegalArgumentException("the mapper must give a byte[] to send, but gave "
						+ ((object != null) ? object.getClass().getName() : "null"));
			}
			if (!isOpen() || !this.handler.output().send(bytes)) {
				throw new SocketException("Socket closed");
			}
		}
		catch (Exception ex) {
			MessagingException failure = new MessagingException(message, "Send Failed", ex);
			publishConnectionExceptionEvent(failure);
			closeConnection(true);
			throw failure;
		}
	}

	/**
	 * Closes the connection. What has been accepted for sending is still sent, for at
	 * most five seconds, but not to a peer that was too slow or failed at TLS.
	 */
	@Override
	public void close() {
		if (CLOSED.compareAndSet(this, 0, 1)) {
			Throwable cause = this.closeCause;
			boolean owed = !(cause instanceof SlowConsumerException) && !(cause instanceof SSLException)
					&& !this.discardsUnsent;
			this.handler.close(owed);
		}
		super.close();
	}

	@Override
	public boolean isOpen() {
		return this.closed == 0;
	}

	/**
	 * Takes no more from the peer; the listener learns that the stream has ended.
	 */
	@Override
	public void shutdownInput() {
		this.handler.shutdownInput();
	}

	/**
	 * Tells the peer that nothing more will come, after what has been sent; replies are
	 * still read.
	 */
	@Override
	public void shutdownOutput() {
		this.handler.onLoop(this.handler::endOutput);
	}

	@Override
	public int getPort() {
		return this.socket.getPort();
	}

	@Override
	public Object getDeserializerStateKey() {
		return this;
	}

	@Override
	public @Nullable SSLSession getSslSession() {
		SslHandler ssl = ConnectionAssembly.tls(channel());
		return (ssl != null) ? ssl.engine().getSession() : null;
	}

}
