package io.holdfast.transport;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

import javax.net.ssl.SSLParameters;

import io.holdfast.framing.Framing;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

import org.springframework.core.serializer.Deserializer;
import org.springframework.core.serializer.Serializer;
import org.springframework.integration.ip.tcp.connection.AbstractServerConnectionFactory;
import org.springframework.integration.ip.tcp.connection.TcpConnectionSupport;
import org.springframework.integration.ip.tcp.connection.TcpSSLContextSupport;

/**
 * Accepts connections on a port, as the stock server factories do, on Netty. A drop-in:
 * adapters, gateways, interceptors and events work as with them. It differs where they
 * are traps: order is always kept, no buffer is held for an idle connection, a slow peer
 * is closed instead of holding a thread, and the default task executor is bounded.
 * <p>
 * Frames are told apart by a {@link Framing}, or by stock serializers, which are
 * translated into one. Setters before start; all other methods from any thread.
 */
public class NettyServerConnectionFactory extends AbstractServerConnectionFactory {

	/** Stock factories queue 5 connects, which a restart under load overflows. */
	private static final int DEFAULT_BACKLOG = 4096;

	private final ConnectionAssembly assembly = new ConnectionAssembly(this::workers, this::forget);

	private final FactoryThreads threads;

	private boolean refusesOwnLinks;

	private volatile @Nullable Channel serverChannel;

	private volatile int portBefore;

	private volatile CompletableFuture<InetSocketAddress> bound = new CompletableFuture<>();

	/**
	 * A factory with event loops of its own, which end when it stops.
	 * @param port the port to listen on; 0 for any that is free
	 */
	public NettyServerConnectionFactory(int port) {
		super(port);
		this.threads = new FactoryThreads(null);
		initialize();
	}

	/**
	 * A factory on shared event loops.
	 * @param port the port to listen on; 0 for any that is free
	 * @param loops the caller closes them, after this factory was stopped
	 */
	public NettyServerConnectionFactory(int port, EventLoops loops) {
		super(port);
		this.threads = new FactoryThreads(loops);
		initialize();
	}

	private void initialize() {
		setBacklog(DEFAULT_BACKLOG);
		setMapper(new FrameMapper());
	}

	/**
	 * How frames are told apart, both ways. Takes the place of serializers.
	 */
	public void setFraming(Framing framing) {
		this.assembly.setInput(framing);
		this.assembly.setOutput(framing.writer());
	}

	/**
	 * On which thread frames are delivered; {@link Delivery#WORKERS} unless set.
	 */
	public void setDelivery(Delivery delivery) {
		this.assembly.setDelivery(delivery);
	}

	/**
	 * Limits what a peer may leave unread; {@link OutputLimits#DEFAULT} unless set.
	 */
	public void setOutputLimits(OutputLimits limits) {
		this.assembly.setOutputLimits(limits);
	}

	/**
	 * Content of the last frame to a connection that leaves in order, see
	 * {@link NettyTcpConnection#leave()}; none unless set.
	 */
	public void setGoodbye(byte @Nullable [] goodbye) {
		this.assembly.setGoodbye(goodbye);
	}

	/**
	 * Options of the sockets beyond those of the stock factories;
	 * {@link TcpSettings#DEFAULT} unless set.
	 */
	public void setTcp(TcpSettings tcp) {
		this.assembly.setTcp(tcp);
	}

	/**
	 * How many bytes of whole frames of one connection may wait for a worker before its
	 * reading pauses; 256 kB unless set.
	 */
	public void setMaxPendingInput(int bytes) {
		this.assembly.setMaxPendingInput(bytes);
	}

	/**
	 * Whether links of this process may not lead to this port, by whatever name: for a
	 * listener that relays, since frames would go round and each would open one more
	 * link. False unless set; set before the start. A proxy or an address translation
	 * between hides it.
	 */
	public void setRefuseOwnLinks(boolean refuse) {
		this.refusesOwnLinks = refuse;
	}

	/**
	 * Serves TLS with this context.
	 */
	public void setSslContextSupport(TcpSSLContextSupport sslContextSupport) {
		this.assembly.setSslContextSupport(sslContextSupport);
	}

	/**
	 * Changes what TLS asks for: protocols, cipher suites, a client's certificate
	 * ({@code setNeedClientAuth}).
	 * @param customizer called for each connection, on its event loop
	 */
	public void setSslParameters(Consumer<SSLParameters> customizer) {
		this.assembly.setSslParameters(customizer);
	}

	@Override
	public void setDeserializer(Deserializer<?> deserializer) {
		this.assembly.setInput(StockCodecs.inputFraming(deserializer));
		super.setDeserializer(deserializer);
	}

	@Override
	public void setSerializer(Serializer<?> serializer) {
		this.assembly.setOutput(StockCodecs.writer(serializer));
		super.setSerializer(serializer);
	}

	@Override
	public void setTaskExecutor(Executor taskExecutor) {
		this.threads.useExecutor(taskExecutor);
		super.setTaskExecutor(taskExecutor);
	}

	@Override
	protected Executor getTaskExecutor() {
		return this.threads.executor();
	}

	private Workers workers() {
		return this.threads.workers();
	}

	/**
	 * Counts what has passed through all connections so far.
	 */
	public TrafficTotals traffic() {
		return this.assembly.totals();
	}

	/**
	 * Begins to bind and returns; {@link #awaitListening} tells how it went, as do the
	 * listening event and the server exception event.
	 */
	@Override
	public void start() {
		if (!isActive()) {
			this.bound = new CompletableFuture<>();
		}
		super.start();
	}

	/**
	 * Waits until the port is bound.
	 * @return the address
	 * @throws IOException if the port cannot be bound, or was not within the timeout
	 */
	public InetSocketAddress awaitListening(Duration timeout) throws IOException {
		try {
			return this.bound.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (ExecutionException ex) {
			throw (ex.getCause() instanceof IOException io) ? io : new IOException(ex.getCause());
		}
		catch (TimeoutException ex) {
			throw new IOException("not bound within " + timeout.toMillis() + " ms", ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IOException("interrupted while waiting for the port to be bound", ex);
		}
	}

	/**
	 * Binds. Called by {@link #start()} on the task executor.
	 */
	@Override
	public void run() {
		if (getListener() == null) {
			this.logger.info(() -> this + " - no listener is registered, so the port is not opened");
			this.bound.completeExceptionally(new IOException("no listener is registered"));
			return;
		}
		try {
			EventLoops loops = this.threads.loops();
			this.assembly.prepare(loops, this, getSslHandshakeTimeout());
			Channel channel = openPort(super.getPort());
			this.logger.info(() -> this + " - listening");
			publishServerListeningEvent(getPort());
			this.bound.complete((InetSocketAddress) channel.localAddress());
		}
		catch (Exception ex) {
			setListening(false);
			this.logger.error(() -> this + " - cannot listen: " + ex.getMessage());
			publishServerExceptionEvent(ex);
			stop();
			this.bound.completeExceptionally(ex);
		}
	}

	private Channel openPort(int port) throws IOException {
		Channel channel = bind(this.threads.loops(), port);
		this.serverChannel = channel;
		postProcessServerSocket(new ChannelServerSocket(channel));
		setListening(true);
		return channel;
	}

	/**
	 * Accepts nobody until {@link #resumeAccepting()}; connects wait in the system's
	 * queue. Those that are being accepted still are.
	 */
	public void pauseAccepting() {
		setPaused(true);
	}

	/**
	 * Accepts again, first who has waited, unless another {@link Hold} is set.
	 */
	public void resumeAccepting() {
		setPaused(false);
	}

	private void setPaused(boolean paused) {
		Channel channel = this.serverChannel;
		if (channel != null) {
			// on its loop: from elsewhere, Netty would still accept who comes next
			Future<?> done = channel.eventLoop().submit(() -> Acceptor.hold(channel, Hold.PAUSED, paused));
			if (!EventLoops.isCurrentThread()) {
				done.awaitUninterruptibly();
			}
		}
	}

	/**
	 * Why the open port accepts nobody at the moment; empty if it accepts, or is closed.
	 */
	public Set<Hold> holds() {
		Channel channel = this.serverChannel;
		return (channel != null) ? Acceptor.holds(channel) : Set.of();
	}

	/**
	 * Closes the port alone; connections stay.
	 */
	public void closePort() {
		Channel channel = this.serverChannel;
		if (channel != null) {
			this.portBefore = getPort();
			this.serverChannel = null;
			ChannelFuture closed = channel.close();
			if (!EventLoops.isCurrentThread()) {
				closed.awaitUninterruptibly();
			}
		}
		setListening(false);
	}

	/**
	 * Opens the same port again after {@link #closePort()}.
	 * @throws IOException if it cannot be bound
	 */
	public void reopenPort() throws IOException {
		openPort(this.portBefore);
	}

	private Channel bind(EventLoops loops, int port) throws IOException {
		// the port's own loop is named: the group would count the port as a connection
		ServerBootstrap bootstrap = new ServerBootstrap().group(loops.preferred(), loops.group())
			.channel(loops.serverChannel())
			.option(ChannelOption.SO_BACKLOG, getBacklog())
			.childOption(ChannelOption.ALLOCATOR, loops.allocator())
			.childOption(ChannelOption.RECVBUF_ALLOCATOR, loops.receiveBuffers())
			.childOption(IoUringChannelOption.IO_URING_BUFFER_GROUP_ID, this.assembly.sharedReads())
			.childOption(ChannelOption.AUTO_READ, false)
			.childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
			.childOption(ChannelOption.AUTO_CLOSE, false)
			.handler(new Acceptor(loops.ports(), this.refusesOwnLinks))
			.childHandler(new AcceptedHandler());
		String address = getLocalAddress();
		InetSocketAddress local = (address != null) ? new InetSocketAddress(address, port)
				: new InetSocketAddress(port);
		ChannelFuture future = bootstrap.bind(local).awaitUninterruptibly();
		if (!future.isSuccess()) {
			throw bindFailure(future.cause());
		}
		return future.channel();
	}

	/** Of the kind that stock factories report, in the operating system's words alone. */
	private static IOException bindFailure(Throwable cause) {
		BindException failure = new BindException(Acceptor.systemsWords(cause));
		failure.initCause(cause);
		return failure;
	}

	private void accepted(SocketChannel channel) {
		if (this.assembly.deliversOnEventLoop() && !isLookupHost()) {
			open(channel);
			return;
		}
		// senders, interceptors and name look-ups may block
		Workers workers = workers();
		AtomicBoolean begun = new AtomicBoolean();
		Future<?> limit = channel.eventLoop()
			.schedule(() -> refuse(channel, begun), this.assembly.handshakeTimeoutMillis(), TimeUnit.MILLISECONDS);
		Runnable opening = () -> {
			limit.cancel(false);
			if (begun.compareAndSet(false, true)) {
				open(channel);
			}
		};
		if (!workers.offer(opening) && (workers.rejectsWhenFull() || !workers.submit(opening))) {
			limit.cancel(false);
			refuse(channel, begun);
		}
	}

	/** No worker is free for it, or none has become so in time. */
	private void refuse(SocketChannel channel, AtomicBoolean begun) {
		if (begun.compareAndSet(false, true)) {
			this.assembly.log().refused(channel.remoteAddress());
			abandon(channel);
		}
	}

	private void open(SocketChannel channel) {
		boolean opened = false;
		try {
			if (isShuttingDown() || !isActive()) {
				this.logger.debug(() -> "connection from " + channel.remoteAddress() + " refused: the server stops");
				return;
			}
			ChannelSocket socket = new ChannelSocket(channel);
			setSocketAttributes(socket);
			NettyTcpConnection connection = new NettyTcpConnection(socket, true, isLookupHost(),
					this.assembly.publisher(), getComponentName(), this.assembly);
			TcpConnectionSupport outermost = wrapConnection(connection);
			connection.listAs(outermost.getConnectionId());
			initializeConnection(outermost, socket);
			outermost.run();
			opened = true;
		}
		catch (SocketException ex) {
			// gone before it could be set up
			this.logger.debug(ex, () -> "connection from " + channel.remoteAddress() + " ended while being accepted");
		}
		catch (RuntimeException | Error ex) {
			this.assembly.log().openingFailed(channel.remoteAddress(), ex);
			Failures.rethrowFatal(ex);
		}
		finally {
			if (!opened) {
				abandon(channel);
			}
		}
	}

	private static void abandon(SocketChannel channel) {
		FrameHandler.of(channel).abandon();
	}

	private void forget(NettyTcpConnection connection) {
		Connections.forget(this.connections, connection, this.assembly.log());
	}

	@Override
	public int getPort() {
		int port = super.getPort();
		Channel channel = this.serverChannel;
		return (port == 0 && channel != null) ? ((InetSocketAddress) channel.localAddress()).getPort() : port;
	}

	@Override
	public @Nullable SocketAddress getServerSocketAddress() {
		Channel channel = this.serverChannel;
		return (channel != null) ? channel.localAddress() : null;
	}

	/**
	 * Closes the port, then every connection. What they have accepted for sending is
	 * still sent; the stop waits for that for at most five seconds, after which loops of
	 * the factory's own end.
	 */
	@Override
	public void stop() {
		closePort();
		this.threads.closeAfter(Connections.of(this.connections), super::stop);
	}

	/** Sees an accepted channel once it is active. */
	@ChannelHandler.Sharable
	private final class AcceptedHandler extends ChannelInboundHandlerAdapter {

		@Override
		public void handlerAdded(ChannelHandlerContext context) {
			NettyServerConnectionFactory.this.assembly.install((SocketChannel) context.channel(), null,
					/* chosen= */ true);
		}

		@Override
		public void channelActive(ChannelHandlerContext context) {
			context.fireChannelActive();
			context.pipeline().remove(this);
			accepted((SocketChannel) context.channel());
		}

	}

}
