package io.holdfast.transport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

import io.holdfast.framing.FrameWriter;
import io.holdfast.framing.Framing;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.AttributeKey;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.integration.ip.tcp.connection.AbstractConnectionFactory;
import org.springframework.integration.ip.tcp.connection.TcpSSLContextSupport;

/**
 * The parts that a factory puts into each of its connections: framing, delivery, limits,
 * TLS. One for each factory, set up before it starts and only read after that.
 */
final class ConnectionAssembly {

	private static final AttributeKey<SslHandler> TLS = AttributeKey.valueOf(ConnectionAssembly.class, "tls");

	private static final int DEFAULT_MAX_PENDING_INPUT = 256 * 1024;

	private static final int DEFAULT_HANDSHAKE_TIMEOUT_SECONDS = 30;

	private final TrafficCounters counters = new TrafficCounters();

	private final FactoryLog log = new FactoryLog();

	private final Supplier<Workers> workers;

	private final Consumer<NettyTcpConnection> forget;

	private @Nullable EventLoops loops;

	private @Nullable Framing input;

	private @Nullable FrameWriter output;

	private Delivery delivery = Delivery.WORKERS;

	private OutputLimits outputLimits = OutputLimits.DEFAULT;

	private WriteBufferWaterMark waterMark = waterMark(OutputLimits.DEFAULT);

	private byte @Nullable [] goodbye;

	private TcpOptions tcp = new TcpOptions(TcpSettings.DEFAULT);

	private int maxPendingInput = DEFAULT_MAX_PENDING_INPUT;

	private @Nullable ApplicationEventPublisher publisher;

	private long handshakeTimeoutMillis;

	private @Nullable TcpSSLContextSupport sslContextSupport;

	private @Nullable SSLContext sslContext;

	private Consumer<SSLParameters> sslParameters = (parameters) -> {
	};

	/**
	 * An assembly with the stock delivery and default limits.
	 * @param workers the factory's workers, asked for when one is needed
	 * @param forget told of each channel that is gone
	 */
	ConnectionAssembly(Supplier<Workers> workers, Consumer<NettyTcpConnection> forget) {
		this.workers = workers;
		this.forget = forget;
	}

	private static WriteBufferWaterMark waterMark(OutputLimits limits) {
		int high = Math.max(2, limits.maxPending() / 2);
		return new WriteBufferWaterMark(high / 2, high);
	}

	void setInput(Framing framing) {
		this.input = framing;
	}

	void setOutput(FrameWriter writer) {
		this.output = writer;
	}

	void setDelivery(Delivery delivery) {
		this.delivery = delivery;
	}

	void setOutputLimits(OutputLimits outputLimits) {
		this.outputLimits = outputLimits;
		this.waterMark = waterMark(outputLimits);
	}

	void setGoodbye(byte @Nullable [] goodbye) {
		this.goodbye = goodbye;
	}

	byte @Nullable [] goodbye() {
		return this.goodbye;
	}

	void setTcp(TcpSettings settings) {
		this.tcp = new TcpOptions(settings);
	}

	void setMaxPendingInput(int maxPendingInput) {
		this.maxPendingInput = maxPendingInput;
	}

	void setSslContextSupport(TcpSSLContextSupport sslContextSupport) {
		this.sslContextSupport = sslContextSupport;
	}

	void setSslParameters(Consumer<SSLParameters> customizer) {
		this.sslParameters = customizer;
	}

	/**
	 * Fixes what connections are made of.
	 * @param eventLoops the loops that they live on
	 * @param factory tells the framing by its serializers where none was set
	 * @param handshakeTimeoutSeconds how long a TLS handshake may take, null for 30
	 */
	void prepare(EventLoops eventLoops, AbstractConnectionFactory factory, @Nullable Integer handshakeTimeoutSeconds) {
		this.loops = eventLoops;
		this.publisher = new GuardedPublisher(factory.getApplicationEventPublisher(), this.log);
		this.handshakeTimeoutMillis = TimeUnit.SECONDS
			.toMillis((handshakeTimeoutSeconds != null) ? handshakeTimeoutSeconds : DEFAULT_HANDSHAKE_TIMEOUT_SECONDS);
		if (this.input == null) {
			this.input = StockCodecs.inputFraming(factory.getDeserializer());
		}
		if (this.output == null) {
			this.output = StockCodecs.writer(factory.getSerializer());
		}
		TcpSSLContextSupport support = this.sslContextSupport;
		if (support != null) {
			try {
				this.sslContext = support.getSSLContext();
			}
			catch (GeneralSecurityException ex) {
				throw new IllegalStateException("cannot set up TLS: " + ex.getMessage(), ex);
			}
			catch (IOException ex) {
				throw new UncheckedIOException("cannot set up TLS: " + ex.getMessage(), ex);
			}
		}
	}

	/**
	 * Gives a channel its handlers as soon as it is registered; reading does not begin
	 * yet.
	 * @param server the address of the server that a client connects to, null for an
	 * accepted channel
	 * @param chosen whether its loop was chosen for it, and not named by the caller
	 */
	void install(SocketChannel channel, @Nullable InetSocketAddress server, boolean chosen) {
		if (this.loops == null || this.input == null || this.output == null) {
			throw new IllegalStateException("the connection factory has not been started");
		}
		channel.config().setWriteBufferWaterMark(this.waterMark);
		this.tcp.apply(channel, this.loops.transport().options());
		SSLContext ssl = this.sslContext;
		if (ssl != null) {
			SslHandler handler = new SslHandler(engine(ssl, server));
			handler.setHandshakeTimeoutMillis(this.handshakeTimeoutMillis);
			channel.attr(TLS).set(handler);
			channel.pipeline().addLast(handler);
		}
		channel.pipeline()
			.addLast(new FrameHandler(channel, this.input.reader(), this.output, this.outputLimits, this.loops,
					this.counters, /* accepted= */ server == null, chosen));
	}

	/**
	 * Returns the buffer group that its channels read into, see
	 * {@link Transport#sharedReads()}. TLS keeps what it is given for as long as a record
	 * is not whole, so it has buffers of its own.
	 */
	@Nullable Short sharedReads() {
		return (this.loops != null && this.sslContext == null) ? this.loops.transport().sharedReads() : null;
	}

	/** Any thread: what a channel does TLS with, also one that has ended already. */
	static @Nullable SslHandler tls(SocketChannel channel) {
		return channel.attr(TLS).get();
	}

	private SSLEngine engine(SSLContext ssl, @Nullable InetSocketAddress server) {
		SSLEngine engine = (server != null) ? ssl.createSSLEngine(server.getHostString(), server.getPort())
				: ssl.createSSLEngine();
		engine.setUseClientMode(server != null);
		SSLParameters parameters = engine.getSSLParameters();
		if (server != null) {
			parameters.setEndpointIdentificationAlgorithm("HTTPS");
		}
		this.sslParameters.accept(parameters);
		engine.setSSLParameters(parameters);
		return engine;
	}

	boolean deliversOnEventLoop() {
		return this.delivery == Delivery.EVENT_LOOP;
	}

	/**
	 * Where a connection's frames are delivered; null for its event loop.
	 * @param manualListener whether asking for the listener may block
	 */
	@Nullable Workers workers(boolean manualListener) {
		return (deliversOnEventLoop() && !manualListener) ? null : this.workers.get();
	}

	FactoryLog log() {
		return this.log;
	}

	@Nullable ApplicationEventPublisher publisher() {
		return this.publisher;
	}

	int maxPendingInput() {
		return this.maxPendingInput;
	}

	TrafficTotals totals() {
		return this.counters.totals();
	}

	/** How long a TLS handshake, or the wait for a worker before it, may take. */
	long handshakeTimeoutMillis() {
		return this.handshakeTimeoutMillis;
	}

	void forget(NettyTcpConnection connection) {
		this.forget.accept(connection);
	}

}
