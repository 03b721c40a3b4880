package io.holdfast.connection;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import io.holdfast.framing.Framing;
import io.holdfast.transport.Delivery;
import io.holdfast.transport.EventLoops;
import io.holdfast.transport.NettyServerConnectionFactory;
import io.holdfast.transport.NettyTcpConnection;
import io.holdfast.transport.OutputLimits;

import org.springframework.integration.ip.IpHeaders;
import org.springframework.integration.ip.tcp.connection.TcpConnectionEvent;
import org.springframework.integration.ip.tcp.connection.TcpConnectionOpenEvent;
import org.springframework.messaging.Message;
import org.springframework.messaging.MessagingException;
import org.springframework.messaging.support.GenericMessage;
import org.springframework.scheduling.concurrent.SimpleAsyncTaskScheduler;

/**
 * Real connections: a server on a free port whose events go where the test wants, and the
 * clients of it.
 */
final class TestServer implements AutoCloseable {

	private final EventLoops loops = new EventLoops(1, Clock.systemUTC());

	private final NettyServerConnectionFactory factory = new NettyServerConnectionFactory(0, this.loops);

	private final SimpleAsyncTaskScheduler scheduler = new SimpleAsyncTaskScheduler();

	private final BlockingQueue<NettyTcpConnection> accepted = new LinkedBlockingQueue<>();

	private final Map<Object, NettyTcpConnection> connections = new ConcurrentHashMap<>();

	private volatile Message<byte[]> answer = new GenericMessage<>(new byte[0]);

	private volatile int answers;

	private final Map<String, Socket> clients = new ConcurrentHashMap<>();

	TestServer(String name, Framing framing, Consumer<TcpConnectionEvent> events) {
		this.factory.setBeanName(name);
		this.factory.setTaskScheduler(this.scheduler);
		this.factory.setFraming(framing);
		this.factory.setDelivery(Delivery.EVENT_LOOP);
		this.factory.setOutputLimits(new OutputLimits(1024, Duration.ofMillis(200)));
		this.factory.registerListener(this::receive);
		this.factory.setApplicationEventPublisher((event) -> {
			if (event instanceof TcpConnectionEvent connectionEvent) {
				events.accept(connectionEvent);
			}
			if (event instanceof TcpConnectionOpenEvent open) {
				this.accepted.add((NettyTcpConnection) open.getSource());
			}
		});
		this.factory.start();
	}

	/**
	 * Answers each frame, on the event loop, until the connection does not take any more.
	 */
	void sendOnEveryFrame(byte[] answer, int times) {
		this.answer = new GenericMessage<>(answer);
		this.answers = times;
	}

	private void receive(Message<?> message) {
		NettyTcpConnection connection = this.connections.get(message.getHeaders().get(IpHeaders.CONNECTION_ID));
		try {
			for (int i = 0; i < this.answers && connection != null; i++) {
				connection.send(this.answer);
			}
		}
		catch (MessagingException ex) {
			// what ended the connection is the test's business
		}
	}

	/**
	 * Connects a client.
	 * @return the server's side of the connection
	 */
	NettyTcpConnection connect() {
		try {
			InetSocketAddress bound = this.factory.awaitListening(Duration.ofSeconds(10));
			Socket client = new Socket(InetAddress.getLoopbackAddress(), bound.getPort());
			NettyTcpConnection connection = Objects.requireNonNull(this.accepted.poll(10, TimeUnit.SECONDS));
			this.connections.put(connection.getConnectionId(), connection);
			this.clients.put(connection.getConnectionId(), client);
			return connection;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	Socket clientOf(NettyTcpConnection connection) {
		return Objects.requireNonNull(this.clients.get(connection.getConnectionId()));
	}

	@Override
	public void close() {
		for (Socket client : this.clients.values()) {
			try {
				client.close();
			}
			catch (IOException ex) {
				// gone already
			}
		}
		this.factory.stop();
		this.loops.close();
		this.scheduler.close();
	}

}
