package io.holdfast.transport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;

import io.holdfast.framing.Framing;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.handler.ssl.SslHandler;

import org.springframework.core.serializer.Deserializer;
import org.springframework.core.serializer.Serializer;
import org.springframework.integration.ip.tcp.connection.AbstractClientConnectionFactory;
import org.springframework.integration.ip.tcp.connection.TcpConnectionSupport;
import org.springframework.integration.ip.tcp.connection.TcpSSLContextSupport;

/**
 * Opens connections to a server, as the stock client factories do, on Netty. A drop-in:
 * the stock caching, failover and thread affinity factories sit on it, and adapters,
 * gateways, interceptors and events work as with them.
 * <p>
 * {@link #getConnection()} blocks until the connection stands or the connect timeout has
 * passed, so it is refused on event loops. Setters before start; all other methods from
 * any thread.
 */
public class NettyClientConnectionFactory extends AbstractClientConnectionFactory {

	private final ConnectionAssembly assembly = new ConnectionAssembly(this::workers, this::forget);

	private final FactoryThreads threads;

	/**
	 * A factory with event loops of its own, which end when it stops.
	 * @param host a name, resolved anew for each connection, or an address
	 * @param port the server's port
	 */
	public NettyClientConnectionFactory(String host, int port) {
		super(host, port);
		this.threads = new FactoryThreads(null);
		setMapper(new FrameMapper());
	}

	/**
	 * A factory on shared event loops.
	 * @param host a name, resolved anew for each connection, or an address
	 * @param port the server's port
	 * @param loops the caller closes them, after this factory was stopped
	 */
	public NettyClientConnectionFactory(String host, int port, EventLoops loops) {
		super(host, port);
		this.threads = new FactoryThreads(loops);
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
	 * Speaks TLS with this context.
	 */
	public void setSslContextSupport(TcpSSLContextSupport sslContextSupport) {
		this.assembly.setSslContextSupport(sslContextSupport);
	}

	/**
	 * Changes what TLS asks for: protocols, cipher suites, whether the server's
	 * certificate must be for its host ({@code setEndpointIdentificationAlgorithm}, to
	 * which {@code HTTPS} is set before).
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

	@Override
	public void start() {
		if (!isActive()) {
			this.assembly.prepare(this.threads.loops(), this, getSslHandshakeTimeout());
			setActive(true);
		}
		super.start();
	}

	@Override
	protected TcpConnectionSupport buildNewConnection() {
		if (EventLoops.isCurrentThread()) {
			throw new IllegalStateException("a connection to " + getHost() + ":" + getPort()
					+ " was asked for on an event loop, which must not block; use a channel with an executor");
		}
		try {
			InetSocketAddress server = new InetSocketAddress(getHost(), getPort());
			if (server.isUnresolved()) {
				throw new UnknownHostException(getHost());
			}
			return open(connect(server));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private SocketChannel connect(InetSocketAddress server) throws IOException {
		EventLoops loops = this.threads.loops();
		ChannelFuture future = bootstrap(loops.group(), server, getConnectTimeout()).connect(server)
			.awaitUninterruptibly();
		if (!future.isSuccess()) {
			throw connectFailure(future.cause());
		}
		SocketChannel channel = (SocketChannel) future.channel();
		awaitHandshake(channel);
		return channel;
	}

	private Bootstrap bootstrap(EventLoopGroup loop, InetSocketAddress server, Duration timeout) {
		EventLoops loops = this.threads.loops();
		return new Bootstrap().group(loop)
			.channel(loops.socketChannel())
			.option(ChannelOption.ALLOCATOR, loops.allocator())
			.option(ChannelOption.RECVBUF_ALLOCATOR, loops.receiveBuffers())
			.option(IoUringChannelOption.IO_URING_BUFFER_GROUP_ID, this.assembly.sharedReads())
			.option(ChannelOption.AUTO_READ, false)
			.option(ChannelOption.ALLOW_HALF_CLOSURE, true)
			.option(ChannelOption.AUTO_CLOSE, false)
			.option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) timeout.toMillis())
			.handler(new ChannelInitializer<SocketChannel>() {

				@Override
				protected void initChannel(SocketChannel channel) {
					NettyClientConnectionFactory.this.assembly.install(channel, server,
							/* chosen= */ loop == loops.group());
				}

			});
	}

	/**
	 * Opens a connection to one address without blocking, for pools. The factory's own
	 * listener, senders and interceptors have no part in it. It does not count when loops
	 * are chosen for others: its traffic is that of connections which do.
	 * @param loop where the connection lives
	 * @param server the address, resolved
	 * @param timeout how long connecting may take
	 * @param introduce gives the connection its listener and sender; called on the loop,
	 * before anything is read
	 * @return completed on the loop, with an {@link IOException} if there is no
	 * connection
	 */
	public CompletableFuture<NettyTcpConnection> connect(EventLoop loop, InetSocketAddress server, Duration timeout,
			Consumer<NettyTcpConnection> introduce) {
		CompletableFuture<NettyTcpConnection> opened = new CompletableFuture<>();
		EventLoops loops = this.threads.loops();
		if (loops.ports().refuseLinkTo(server)) {
			opened.completeExceptionally(new ConnectException("is a listener of this gateway, which relays as well"));
			return opened;
		}
		ChannelFuture connected = bootstrap(loop, server, timeout).connect(server);
		loops.links().count(connected.channel());
		connected.addListener((done) -> {
			if (!done.isSuccess()) {
				opened.completeExceptionally(connectFailure(done.cause()));
				return;
			}
			SocketChannel channel = (SocketChannel) connected.channel();
			SslHandler ssl = ConnectionAssembly.tls(channel);
			if (ssl == null) {
				open(channel, introduce, opened);
			}
			else {
				ssl.handshakeFuture().addListener((handshake) -> {
					if (handshake.isSuccess()) {
						open(channel, introduce, opened);
					}
					else {
						abandon(channel);
						opened.completeExceptionally(handshakeFailure(handshake.cause()));
					}
				});
			}
		});
		return opened;
	}

	private void open(SocketChannel channel, Consumer<NettyTcpConnection> introduce,
			CompletableFuture<NettyTcpConnection> opened) {
		try {
			ChannelSocket socket = new ChannelSocket(channel);
			setSocketAttributes(socket);
			NettyTcpConnection connection = newConnection(socket);
			connection.setMapper(getMapper());
			connection.setDeserializer(getDeserializer());
			connection.setSerializer(getSerializer());
			introduce.accept(connection);
			addConnection(connection);
			connection.run();
			opened.complete(connection);
		}
		catch (IOException | RuntimeException | Error ex) {
			abandon(channel);
			opened.completeExceptionally(ex);
			Failures.rethrowFatal(ex);
		}
	}

	private NettyTcpConnection newConnection(ChannelSocket socket) {
		return new NettyTcpConnection(socket, false, isLookupHost(), this.assembly.publisher(), getComponentName(),
				this.assembly);
	}

	private static void abandon(SocketChannel channel) {
		FrameHandler.of(channel).abandon();
	}

	/** So that nothing is sent to a server that turns out not to be trusted. */
	private static void awaitHandshake(SocketChannel channel) throws IOException {
		SslHandler ssl = ConnectionAssembly.tls(channel);
		if (ssl != null && !ssl.handshakeFuture().awaitUninterruptibly().isSuccess()) {
			abandon(channel);
			throw handshakeFailure(ssl.handshakeFuture().cause());
		}
	}

	private static IOException handshakeFailure(Throwable cause) {
		return (cause instanceof IOException io) ? io : new SSLException(cause);
	}

	/** Of the kind that stock factories report. */
	private static IOException connectFailure(Throwable cause) {
		if (cause instanceof ConnectTimeoutException) {
			SocketTimeoutException timeout = new SocketTimeoutException(cause.getMessage());
			timeout.initCause(cause);
			return timeout;
		}
		return (cause instanceof IOException io) ? io : new IOException(cause);
	}

	private TcpConnectionSupport open(SocketChannel channel) throws IOException {
		boolean opened = false;
		try {
			ChannelSocket socket = new ChannelSocket(channel);
			setSocketAttributes(socket);
			NettyTcpConnection connection = newConnection(socket);
			TcpConnectionSupport outermost = wrapConnection(connection);
			connection.listAs(outermost.getConnectionId());
			initializeConnection(outermost, socket);
			outermost.run();
			opened = true;
			return outermost;
		}
		finally {
			if (!opened) {
				abandon(channel);
			}
		}
	}

	private void forget(NettyTcpConnection connection) {
		Connections.forget(this.connections, connection, this.assembly.log());
	}

	/**
	 * Closes every connection. What they have accepted for sending is still sent; the
	 * stop waits for that for at most five seconds, after which loops of the factory's
	 * own end.
	 */
	@Override
	public void stop() {
		this.threads.closeAfter(Connections.of(this.connections), super::stop);
	}

}
