package io.holdfast.transport;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

import io.holdfast.framing.Line;

import org.springframework.integration.ip.tcp.connection.TcpConnectionOpenEvent;
import org.springframework.integration.ip.tcp.connection.TcpListener;
import org.springframework.scheduling.concurrent.SimpleAsyncTaskScheduler;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * A server of lines whose frames are delivered on its event loops, and the connections
 * that it has accepted.
 */
final class LoopServer implements AutoCloseable {

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	private final EventLoops loops;

	private final NettyServerConnectionFactory factory;

	private final SimpleAsyncTaskScheduler scheduler = new SimpleAsyncTaskScheduler();

	private final BlockingQueue<NettyTcpConnection> accepted = new LinkedBlockingQueue<>();

	private volatile Consumer<Object> observer = (event) -> {
	};

	/**
	 * A server that is not started yet.
	 * @param transport the test is left out where it cannot be had
	 */
	LoopServer(Transport transport, int loops) {
		assumeTrue(transport.isAvailable(), () -> transport + " cannot be had here");
		this.loops = new EventLoops(transport, loops, Clock.systemUTC(), System::nanoTime);
		this.factory = new NettyServerConnectionFactory(0, this.loops);
		this.factory.setFraming(new Line(Line.Ending.LF, 2048));
		this.factory.setDelivery(Delivery.EVENT_LOOP);
	}

	void start(TcpListener listener) {
		this.factory.setTaskScheduler(this.scheduler);
		this.factory.setApplicationEventPublisher((event) -> {
			this.observer.accept(event);
			if (event instanceof TcpConnectionOpenEvent open) {
				this.accepted.add((NettyTcpConnection) open.getSource());
			}
		});
		this.factory.registerListener(listener);
		this.factory.start();
	}

	EventLoops loops() {
		return this.loops;
	}

	/** Is told of all events that are yet to come, before anybody else is. */
	void observe(Consumer<Object> events) {
		this.observer = events;
	}

	/** For what a test sets before the start, or asks after. */
	NettyServerConnectionFactory factory() {
		return this.factory;
	}

	/** In the order in which they were opened. */
	BlockingQueue<NettyTcpConnection> accepted() {
		return this.accepted;
	}

	int port() throws IOException {
		return this.factory.awaitListening(PATIENCE).getPort();
	}

	@Override
	public void close() {
		this.factory.stop();
		this.loops.close();
		this.scheduler.close();
	}

}
