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
import java.util.function.Consumer;

import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;

import io.holdfast.framing.FramingException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslHandler;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.integration.ip.tcp.connection.TcpConnectionInterceptorSupport;
import org.springframework.integration.ip.tcp.connection.TcpConnectionSupport;
import org.springframework.integration.ip.tcp.connection.TcpListener;
import org.springframework.integration.ip.tcp.inbound.TcpInboundGateway;
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

	private static final AtomicIntegerFieldUpdater<NettyTcpConnection> EVENTS_TOLD = AtomicIntegerFieldUpdater
		.newUpdater(NettyTcpConnection.class, "eventsTold");

	/** The open event has been published. */
	private static final int TOLD = 1;

	/** The close event waits for the open event. */
	private static final int CLOSE_WAITS = 2;

	/** The close event has been published, after the open event. */
	private static final int CLOSE_TOLD = 3;

	/** Bytes of malformed input to show, as many as the stock deserializers do. */
	private static final int MAX_GARBAGE = 2048;

	private final ChannelSocket socket;

	private final FrameHandler handler;

	private final ConnectionAssembly assembly;

	private final Handover handover;

	private final LoopSide loopSide;

	private volatile int closed;

	@SuppressWarnings("UnusedVariable") // used through its updater
	private volatile int endTold;

	/** 0, {@link #TOLD}, {@link #CLOSE_WAITS} or {@link #CLOSE_TOLD}. */
	@SuppressWarnings("UnusedVariable") // used through its updater
	private volatile int eventsTold;

	private volatile boolean manualListener;

	private volatile boolean run;

	/** The id of the outermost interceptor, if it is another than the connection's. */
	private volatile @Nullable String listedId;

	private volatile boolean listenerRegistered;

	private volatile @Nullable Throwable closeCause;

	private volatile boolean gone;

	NettyTcpConnection(ChannelSocket socket, boolean server, boolean lookupHost,
			@Nullable ApplicationEventPublisher publisher, @Nullable String factoryName, ConnectionAssembly assembly) {
		super(socket, server, lookupHost, publisher, factoryName);
		this.socket = socket;
		this.assembly = assembly;
		this.handler = FrameHandler.of(socket.channel());
		this.handover = new Handover(this, this.handler, assembly);
		this.loopSide = new LoopSide(this, this.handler, this.handover);
		this.handler.attach(this);
	}

	/**
	 * Finds the connection beneath its interceptors.
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
	 * Counts what has passed so far. Any thread; may be a batch of frames behind.
	 */
	public ConnectionTraffic traffic() {
		return this.handler.traffic(this.handover.pendingBytes());
	}

	/**
	 * The cause of an end that came from the peer or the network:
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
	 * The loop that the connection lives on.
	 */
	public EventLoop eventLoop() {
		return this.handler.loop();
	}

	/**
	 * Returns the operations that this loop, and no other thread, may use.
	 */
	public LoopSide onLoop() {
		return this.loopSide;
	}

	/**
	 * Any thread: whether the peer takes what is sent to it; false from half of
	 * {@link OutputLimits#maxPending()} on until a quarter of it is left.
	 */
	public boolean isWritable() {
		return channel().isWritable();
	}

	/**
	 * Runs a task on the loop once the socket is closed, after what was still being sent
	 * at the close.
	 */
	public void whenGone(Runnable task) {
		channel().closeFuture().addListener((gone) -> task.run());
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
	 * Any thread: leaves in order. What has come by now is still taken, and no frame that
	 * begins later; when nothing is owed for those before, the factory's goodbye and the
	 * end of the stream are sent, the peer is read out for at most five seconds after
	 * that, and the connection closes. Takes as long as what is owed takes:
	 * {@link #close()} and {@link #cut()} end it early.
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
		return this.handler.input().hasRest() || this.handler.input().isEndHeld() || isDelivering()
				|| this.handler.output().pending() > 0;
	}

	/**
	 * Sets the id that the factory lists the connection by, which is that of its
	 * outermost interceptor.
	 */
	void listAs(String id) {
		if (!id.equals(getConnectionId())) {
			this.listedId = id;
		}
	}

	String listedId() {
		String other = this.listedId;
		return (other != null) ? other : getConnectionId();
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
		this.run = true;
		boolean onWorkers = this.handover.prepare(this.manualListener);
		if (!onWorkers && this.loopSide.isCoupled()) {
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

	/** Bytes of whole frames that wait for a worker. */
	int waitingBytes() {
		return this.handover.pendingBytes();
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

	/** Notes what ends the connection, before the listener is told of it. */
	void noteCause(Throwable cause) {
		if (isOpen() && this.closeCause == null) {
			this.closeCause = cause;
		}
	}

	/** Nothing more comes; the listener learns of it after all that came before. */
	void receiveEnd(Throwable cause) {
		noteCause(cause);
		this.handover.ended(cause);
	}

	/**
	 * The channel is gone. Tells nothing that {@link #receiveEnd} has told before; after
	 * a close on this side the listener learns of it here, as it does with stock
	 * connections.
	 */
	void receiveChannelClosed(SocketException cause) {
		try {
			receiveEnd(cause);
		}
		finally {
			becomeGone();
		}
	}

	private void becomeGone() {
		// first of all: a flow that finds it forgotten fails for that reason alone
		this.gone = true;
		this.assembly.forget(this);
		synchronized (this) {
			notifyAll();
		}
	}

	/** Any thread: whether the channel is gone, so that nothing can be sent any more. */
	boolean isGone() {
		return this.gone;
	}

	/**
	 * Closes a connection that could not be set up. Those who know it already forget it;
	 * if it has not run, no event tells of it.
	 */
	void abandon() {
		close();
		if (!this.run) {
			becomeGone();
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

	/** Publishes the open event, also of a connection that has been closed by now. */
	void tellOpened() {
		try {
			publishConnectionOpenEvent();
		}
		finally {
			if (!EVENTS_TOLD.compareAndSet(this, 0, TOLD) && EVENTS_TOLD.compareAndSet(this, CLOSE_WAITS, CLOSE_TOLD)) {
				super.publishConnectionCloseEvent();
			}
		}
	}

	/**
	 * Publishes the close event once, and never before the open event: a close that comes
	 * first is published after it.
	 */
	@Override
	protected void publishConnectionCloseEvent() {
		if (!EVENTS_TOLD.compareAndSet(this, 0, CLOSE_WAITS) && EVENTS_TOLD.compareAndSet(this, TOLD, CLOSE_TOLD)) {
			super.publishConnectionCloseEvent();
		}
	}

	/** See {@link Handover#isOwnOutputFull()}. */
	boolean isOwnOutputFull() {
		return this.handover.isOwnOutputFull();
	}

	/** Any thread: the output may have room again, or needs none. */
	void roomLeft() {
		this.handover.roomLeft();
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

	/** Closes the connection; the cause counts unless something has ended it before. */
	void closeFor(Throwable cause) {
		if (this.closeCause == null) {
			this.closeCause = cause;
		}
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
			boolean due = isOpen() && !this.gone;
			MessagingException failure = new MessagingException(message, "Send Failed", ex);
			publishConnectionExceptionEvent(failure);
			closeConnection(true);
			if (!isReplyOfGateway()) {
				throw failure;
			}
			if (due) {
				this.assembly.log().replyFailed(this, ex);
			}
		}
	}

	/**
	 * Whether an inbound gateway replies to the frame that it was handed. It would log a
	 * stack trace for each failure, and tell nobody else.
	 */
	private boolean isReplyOfGateway() {
		TcpListener listener = getListener();
		while (listener instanceof TcpConnectionInterceptorSupport interceptor) {
			listener = interceptor.getListener();
		}
		return listener instanceof TcpInboundGateway && this.handover.isDeliveringHere();
	}

	/**
	 * Closes the connection. What has been accepted for sending is still sent, until the
	 * peer has taken none of it for five seconds or, after those, less in a send timeout
	 * than {@link OutputLimits#minRate()} asks for; but not to a peer that was too slow
	 * or failed at TLS.
	 */
	@Override
	public void close() {
		close(this.handler::close);
	}

	/**
	 * Any thread: closes the connection as {@link #close()} does, and reads and throws
	 * away what the peer has sent and goes on to send until it has seen our end, for at
	 * most five seconds after that was sent: closing over unread bytes would be a reset,
	 * which takes from the peer what it has not read yet.
	 */
	public void part() {
		close(this.handler::part);
	}

	/** Closes in a way that is told whether the peer is still owed its output. */
	private void close(Consumer<Boolean> way) {
		if (this.handler.input().isEnded()) {
			// the peer was the first to close, though its end was held or not told yet
			noteCause(new SoftEndOfStreamException("Stream closed between payloads"));
		}
		if (CLOSED.compareAndSet(this, 0, 1)) {
			Throwable cause = this.closeCause;
			way.accept(!(cause instanceof SlowConsumerException) && !(cause instanceof SSLException)
					&& !(cause instanceof OverloadedException) && !this.loopSide.discardsUnsent());
		}
		try {
			super.close();
		}
		catch (RuntimeException ex) {
			// a sender's failure must not keep the close from those who observe events
			this.assembly.log().senderFailed(ex);
			publishConnectionCloseEvent();
		}
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
