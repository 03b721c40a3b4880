package io.holdfast.transport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import io.holdfast.framing.Line;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

import org.springframework.integration.ip.IpHeaders;
import org.springframework.integration.ip.tcp.connection.TcpConnection;
import org.springframework.integration.ip.tcp.connection.TcpSender;
import org.springframework.messaging.Message;
import org.springframework.messaging.support.GenericMessage;
import org.springframework.scheduling.concurrent.SimpleAsyncTaskScheduler;

/**
 * Servers of lines that share event loops, each with a flow on workers, and raw peers.
 */
final class WorkerRig implements AfterEachCallback {

	private static final int SMALL_BUFFER = 32 * 1024;

	private final EventLoops loops = new EventLoops(1, Clock.systemUTC());

	private final SimpleAsyncTaskScheduler scheduler = new SimpleAsyncTaskScheduler();

	private final List<NettyServerConnectionFactory> factories = new ArrayList<>();

	private final List<WorkerPool> pools = new ArrayList<>();

	private final List<CountDownLatch> latches = new ArrayList<>();

	private final Deque<RawPeer> peers = new ArrayDeque<>();

	WorkerPool pool(int maxConcurrent, int queue, WorkerSettings.WhenFull whenFull) {
		WorkerPool pool = new WorkerPool(new WorkerSettings(maxConcurrent, queue, whenFull));
		this.pools.add(pool);
		return pool;
	}

	/** A latch that is opened after the test at the latest. */
	CountDownLatch latch() {
		CountDownLatch latch = new CountDownLatch(1);
		this.latches.add(latch);
		return latch;
	}

	/** Makes the call in a thread of its own, for calls that wait. */
	void async(Runnable call) {
		Thread thread = new Thread(call, "caller");
		thread.setDaemon(true);
		thread.start();
	}

	Server server(Executor workers, Flow flow) {
		return new Server(flow, (factory) -> factory.setTaskExecutor(workers));
	}

	Server server(Delivery delivery, Flow flow) {
		return new Server(flow, (factory) -> factory.setDelivery(delivery));
	}

	@Override
	public void afterEach(ExtensionContext context) {
		this.latches.forEach(CountDownLatch::countDown);
		this.peers.forEach(RawPeer::close);
		this.factories.forEach(NettyServerConnectionFactory::stop);
		this.pools.forEach(WorkerPool::close);
		this.loops.close();
		this.scheduler.close();
	}

	/** An application's own work on a line. */
	interface Flow {

		void on(String line, Server server, NettyTcpConnection connection);

	}

	/** One server, and those who have connected to it. */
	final class Server implements TcpSender {

		private final NettyServerConnectionFactory factory = new NettyServerConnectionFactory(0, WorkerRig.this.loops);

		private final Flow flow;

		private final Map<String, NettyTcpConnection> byId = new ConcurrentHashMap<>();

		private final AtomicInteger gone = new AtomicInteger();

		private final List<NettyTcpConnection> inOrder = new CopyOnWriteArrayList<>();

		private Server(Flow flow, Consumer<NettyServerConnectionFactory> customizer) {
			this.flow = flow;
			WorkerRig.this.factories.add(this.factory);
			this.factory.setBeanName("lines");
			this.factory.setFraming(new Line(Line.Ending.LF, 64 * 1024));
			customizer.accept(this.factory);
			this.factory.setTaskScheduler(WorkerRig.this.scheduler);
			this.factory.setApplicationEventPublisher((event) -> {
			});
			this.factory.setOutputLimits(new OutputLimits(SMALL_BUFFER, Duration.ofMinutes(5)));
			this.factory.setSoSendBufferSize(SMALL_BUFFER);
			this.factory.registerListener(this::receive);
			this.factory.registerSender(this);
			this.factory.start();
		}

		private void receive(Message<?> message) {
			if (message.getPayload() instanceof byte[] line) {
				this.flow.on(new String(line, StandardCharsets.US_ASCII), this, connection(message));
			}
		}

		private NettyTcpConnection connection(Message<?> message) {
			return Objects.requireNonNull(this.byId.get(message.getHeaders().get(IpHeaders.CONNECTION_ID)));
		}

		@Override
		public void addNewConnection(TcpConnection connection) {
			this.byId.put(connection.getConnectionId(), (NettyTcpConnection) connection);
			this.inOrder.add((NettyTcpConnection) connection);
		}

		@Override
		public void removeDeadConnection(TcpConnection connection) {
			if (this.byId.remove(connection.getConnectionId()) != null) {
				this.gone.incrementAndGet();
			}
		}

		/** The connections that were opened, first to last. */
		List<NettyTcpConnection> connections() {
			return this.inOrder;
		}

		/** How many of them have ended. */
		int gone() {
			return this.gone.get();
		}

		NettyServerConnectionFactory factory() {
			return this.factory;
		}

		/** A peer that takes only little before it reads. */
		RawPeer connect() {
			try {
				InetSocketAddress bound = this.factory.awaitListening(Duration.ofSeconds(10));
				Socket socket = new Socket();
				socket.setReceiveBufferSize(SMALL_BUFFER);
				socket.connect(new InetSocketAddress(DropInRig.LOOPBACK, bound.getPort()));
				RawPeer peer = new RawPeer(socket);
				WorkerRig.this.peers.push(peer);
				return peer;
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

	}

	static void send(NettyTcpConnection connection, String line) {
		connection.send(new GenericMessage<>(line));
	}

}
