package io.holdfast.transport;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

import javax.net.ssl.SSLParameters;

import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.context.Lifecycle;
import org.springframework.expression.spel.support.StandardEvaluationContext;
import org.springframework.integration.channel.DirectChannel;
import org.springframework.integration.context.IntegrationContextUtils;
import org.springframework.integration.context.IntegrationObjectSupport;
import org.springframework.integration.handler.AbstractReplyProducingMessageHandler;
import org.springframework.integration.ip.tcp.connection.AbstractClientConnectionFactory;
import org.springframework.integration.ip.tcp.connection.AbstractConnectionFactory;
import org.springframework.integration.ip.tcp.connection.AbstractServerConnectionFactory;
import org.springframework.integration.ip.tcp.connection.TcpConnectionCloseEvent;
import org.springframework.integration.ip.tcp.connection.TcpConnectionEvent;
import org.springframework.integration.ip.tcp.connection.TcpConnectionOpenEvent;
import org.springframework.integration.ip.tcp.connection.TcpSSLContextSupport;
import org.springframework.integration.ip.tcp.inbound.TcpInboundGateway;
import org.springframework.integration.ip.tcp.inbound.TcpReceivingChannelAdapter;
import org.springframework.integration.ip.tcp.outbound.TcpOutboundGateway;
import org.springframework.integration.ip.tcp.outbound.TcpSendingMessageHandler;
import org.springframework.messaging.Message;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Connection factories of one kind with Spring Integration's own endpoints around them,
 * as an application context would hold them. After the test everything is stopped, and
 * every connection that was opened must have been closed, once.
 */
final class DropInRig implements AfterEachCallback {

	static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

	static final String HOST = LOOPBACK.getHostAddress();

	private final Kind kind;

	private final @Nullable EventLoops loops;

	private final DefaultListableBeanFactory beans = new DefaultListableBeanFactory();

	private final ThreadPoolTaskScheduler scheduler = new ThreadPoolTaskScheduler();

	private final ExecutorService callers = Executors.newCachedThreadPool();

	private final IdentityHashMap<AbstractConnectionFactory, RecordedEvents> events = new IdentityHashMap<>();

	private final Set<IntegrationObjectSupport> initialized = Collections.newSetFromMap(new IdentityHashMap<>());

	private final List<AbstractConnectionFactory> factories = new ArrayList<>();

	private final List<IntegrationObjectSupport> endpoints = new ArrayList<>();

	private final Deque<Closeable> sockets = new ArrayDeque<>();

	DropInRig(Kind kind) {
		this.kind = kind;
		this.loops = kind.loops();
		this.scheduler.setPoolSize(4);
		this.scheduler.setDaemon(true);
		this.scheduler.initialize();
		this.beans.registerSingleton(IntegrationContextUtils.TASK_SCHEDULER_BEAN_NAME, this.scheduler);
		this.beans.registerSingleton(IntegrationContextUtils.INTEGRATION_EVALUATION_CONTEXT_BEAN_NAME,
				new StandardEvaluationContext());
	}

	/** Waits until a scheduler of one thread is through with what it is at. */
	void awaitScheduled() {
		CompletableFuture.runAsync(() -> {
		}, this.scheduler).join();
	}

	static void eventually(ThrowingRunnable assertion) {
		Awaitility.await().pollInterval(Duration.ofMillis(10)).untilAsserted(assertion);
	}

	static void finished(List<CompletableFuture<Void>> calls) {
		assertThat(calls).allSatisfy((call) -> assertThat(call).succeedsWithin(Duration.ofSeconds(10)));
	}

	static void await(CountDownLatch latch) {
		try {
			assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	DefaultListableBeanFactory beans() {
		return this.beans;
	}

	ThreadPoolTaskScheduler scheduler() {
		return this.scheduler;
	}

	/**
	 * Makes the call in a thread of its own, for calls that wait.
	 */
	CompletableFuture<Void> async(Runnable call) {
		return CompletableFuture.runAsync(call, this.callers);
	}

	AbstractServerConnectionFactory server() {
		return server(0);
	}

	AbstractServerConnectionFactory server(int port) {
		return factory("server", this.kind.server(port, this.loops));
	}

	AbstractServerConnectionFactory tlsServer(TcpSSLContextSupport tls) {
		AbstractServerConnectionFactory server = server();
		this.kind.tls(server, tls);
		return server;
	}

	AbstractClientConnectionFactory client(int port) {
		return factory("client", this.kind.client(HOST, port, this.loops));
	}

	AbstractClientConnectionFactory tlsClient(int port, TcpSSLContextSupport tls) {
		AbstractClientConnectionFactory client = client(port);
		this.kind.tls(client, tls);
		return client;
	}

	boolean isStock() {
		return this.kind == Kind.NET;
	}

	void tlsParameters(AbstractConnectionFactory factory, Consumer<SSLParameters> customizer) {
		this.kind.tlsParameters(factory, customizer);
	}

	<T extends AbstractConnectionFactory> T factory(String name, T factory) {
		RecordedEvents recorded = new RecordedEvents();
		factory.setComponentName(name);
		factory.setBeanFactory(this.beans);
		factory.setApplicationEventPublisher(recorded);
		this.events.put(factory, recorded);
		this.factories.add(factory);
		return factory;
	}

	RecordedEvents events(AbstractConnectionFactory factory) {
		return Objects.requireNonNull(this.events.get(factory));
	}

	<T extends IntegrationObjectSupport & Lifecycle> T endpoint(T endpoint) {
		endpoint.setBeanFactory(this.beans);
		this.endpoints.add(endpoint);
		return endpoint;
	}

	Inbox inbox(AbstractConnectionFactory factory) {
		Inbox inbox = new Inbox();
		receiver(factory).setOutputChannel(inbox);
		return inbox;
	}

	TcpReceivingChannelAdapter receiver(AbstractConnectionFactory factory) {
		TcpReceivingChannelAdapter adapter = endpoint(new TcpReceivingChannelAdapter());
		adapter.setConnectionFactory(factory);
		return adapter;
	}

	TcpSendingMessageHandler sender(AbstractConnectionFactory factory) {
		TcpSendingMessageHandler adapter = endpoint(new TcpSendingMessageHandler());
		adapter.setConnectionFactory(factory);
		return adapter;
	}

	/**
	 * Receives and sends back over the same connection, through both channel adapters.
	 */
	void echo(AbstractConnectionFactory factory) {
		DirectChannel loop = new DirectChannel();
		loop.subscribe(sender(factory));
		receiver(factory).setOutputChannel(loop);
	}

	/**
	 * An inbound gateway in front of a flow that turns one text into another.
	 */
	TcpInboundGateway inboundGateway(AbstractConnectionFactory factory, Function<Message<?>, Object> flow) {
		AbstractReplyProducingMessageHandler handler = new AbstractReplyProducingMessageHandler() {

			@Override
			protected Object handleRequestMessage(Message<?> request) {
				return flow.apply(request);
			}

		};
		handler.setBeanFactory(this.beans);
		handler.afterPropertiesSet();
		DirectChannel requests = new DirectChannel();
		requests.setBeanFactory(this.beans);
		requests.subscribe(handler);
		TcpInboundGateway gateway = endpoint(new TcpInboundGateway());
		gateway.setConnectionFactory(factory);
		gateway.setRequestChannel(requests);
		return gateway;
	}

	TcpOutboundGateway outboundGateway(AbstractClientConnectionFactory factory, Inbox replies) {
		TcpOutboundGateway gateway = endpoint(new TcpOutboundGateway());
		gateway.setConnectionFactory(factory);
		gateway.setOutputChannel(replies);
		return gateway;
	}

	/**
	 * Starts the endpoints, and with them their factories, and the client factories that
	 * have no endpoint.
	 */
	void start() {
		this.factories.forEach(this::initialize);
		this.endpoints.forEach(this::initialize);
		for (IntegrationObjectSupport endpoint : this.endpoints) {
			start((Lifecycle) endpoint);
		}
		for (AbstractConnectionFactory factory : this.factories) {
			if (factory instanceof AbstractClientConnectionFactory) {
				factory.start();
			}
		}
	}

	private void initialize(IntegrationObjectSupport component) {
		if (this.initialized.add(component)) {
			component.afterPropertiesSet();
		}
	}

	private static void start(Lifecycle component) {
		if (!component.isRunning()) {
			component.start();
		}
	}

	/**
	 * Starts, waits for the server to listen, and gives its port.
	 */
	int listen(AbstractServerConnectionFactory server) {
		start();
		start(server);
		eventually(() -> assertThat(server.isListening()).isTrue());
		return server.getPort();
	}

	RawPeer connect(int port) {
		try {
			return peer(new Socket(LOOPBACK, port));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	RawPeer accept(RawPeer.Port port) {
		try {
			return peer(port.accept());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	RawPeer peer(Socket socket) throws IOException {
		RawPeer peer = new RawPeer(socket);
		this.sockets.push(peer);
		return peer;
	}

	/**
	 * A port at which raw peers can be met.
	 */
	RawPeer.Port port() {
		return port(0);
	}

	RawPeer.Port port(int number) {
		return port(number, 50);
	}

	RawPeer.Port port(int number, int backlog) {
		try {
			return port(new ServerSocket(number, backlog, LOOPBACK));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	RawPeer.Port port(ServerSocket socket) throws IOException {
		RawPeer.Port port = new RawPeer.Port(socket);
		this.sockets.push(port);
		return port;
	}

	/**
	 * A port at which nobody listens.
	 */
	int closedPort() {
		try (ServerSocket socket = new ServerSocket(0, 1, LOOPBACK)) {
			return socket.getLocalPort();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Override
	public void afterEach(ExtensionContext context) throws IOException {
		try {
			this.endpoints.forEach((endpoint) -> ((Lifecycle) endpoint).stop());
			this.factories.forEach(AbstractConnectionFactory::stop);
			for (Closeable socket : this.sockets) {
				socket.close();
			}
			eventually(() -> this.events.values().forEach(DropInRig::assertOpenedAndClosedOnce));
		}
		finally {
			this.callers.shutdownNow();
			this.scheduler.shutdown();
			if (this.loops != null) {
				this.loops.close();
			}
		}
	}

	private static void assertOpenedAndClosedOnce(RecordedEvents events) {
		List<String> opened = idsOf(events.of(TcpConnectionOpenEvent.class));
		List<String> closed = idsOf(events.of(TcpConnectionCloseEvent.class));
		assertThat(opened).doesNotHaveDuplicates();
		assertThat(closed).doesNotHaveDuplicates();
		assertThat(new HashSet<>(closed)).containsAll(opened);
	}

	private static List<String> idsOf(List<? extends TcpConnectionEvent> events) {
		return events.stream().map(TcpConnectionEvent::getConnectionId).toList();
	}

}
