package io.holdfast.transport;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.holdfast.framing.Line;
import io.netty.util.concurrent.EventExecutor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.scheduling.concurrent.SimpleAsyncTaskScheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Holds on accepting, for all ports of some event loops and for one of them.
 */
@ParameterizedClass
@EnumSource
class PortsTests {

	private final Transport transport;

	private EventLoops loops;

	private Ports ports;

	private final SimpleAsyncTaskScheduler scheduler = new SimpleAsyncTaskScheduler();

	private final List<NettyServerConnectionFactory> servers = new ArrayList<>();

	private final List<Socket> clients = new ArrayList<>();

	PortsTests(Transport transport) {
		this.transport = transport;
	}

	@BeforeEach
	void start() {
		assumeTrue(this.transport.isAvailable());
		this.loops = new EventLoops(this.transport, 2, Clock.systemUTC(), System::nanoTime);
		this.ports = this.loops.ports();
	}

	@AfterEach
	void close() throws IOException {
		for (Socket client : this.clients) {
			client.close();
		}
		this.servers.forEach(NettyServerConnectionFactory::stop);
		if (this.loops != null) {
			this.loops.close();
		}
		this.scheduler.close();
	}

	private NettyServerConnectionFactory server() throws IOException {
		NettyServerConnectionFactory server = new NettyServerConnectionFactory(0, this.loops);
		this.servers.add(server);
		server.setTaskScheduler(this.scheduler);
		server.setApplicationEventPublisher((event) -> {
		});
		server.setDelivery(Delivery.EVENT_LOOP);
		server.setFraming(new Line(Line.Ending.LF, 100));
		server.registerListener((message) -> {
		});
		server.start();
		server.awaitListening(Duration.ofSeconds(10));
		return server;
	}

	private Socket connect(NettyServerConnectionFactory server) throws IOException {
		Socket client = new Socket(InetAddress.getLoopbackAddress(), server.getPort());
		this.clients.add(client);
		return client;
	}

	private void awaitOpen(NettyServerConnectionFactory server, int count) {
		await().untilAsserted(() -> assertThat(server.getOpenConnectionIds()).hasSize(count));
	}

	/** Waits until all loops have done what they were told before. */
	private void awaitLoops() {
		for (int i = 0; i < 3; i++) {
			for (EventExecutor loop : this.loops.group()) {
				loop.submit(() -> {
				}).awaitUninterruptibly();
			}
		}
	}

	@Test
	void connectsWaitOnAllPortsUntilTheHoldIsReleased() throws IOException {
		NettyServerConnectionFactory one = server();
		NettyServerConnectionFactory other = server();
		connect(one);
		connect(other);
		awaitOpen(one, 1);
		awaitOpen(other, 1);
		assertThat(this.ports.accepted()).isEqualTo(2);

		this.ports.hold(Hold.MEMORY, "82 of 100 MB are used; give it more");
		awaitLoops();
		connect(one);
		connect(other);
		awaitLoops();
		assertThat(this.ports.holds()).containsExactly(Hold.MEMORY);
		assertThat(this.ports.accepted()).isEqualTo(2);

		this.ports.release(Hold.MEMORY, "60 of 100 MB are used");
		awaitOpen(one, 2);
		awaitOpen(other, 2);
		assertThat(this.ports.holds()).isEmpty();
		assertThat(this.ports.accepted()).isEqualTo(4);
	}

	@Test
	void portThatIsPausedAsWellStaysSoWhenTheHoldIsReleased() throws IOException {
		NettyServerConnectionFactory paused = server();
		NettyServerConnectionFactory other = server();
		paused.pauseAccepting();
		this.ports.hold(Hold.DESCRIPTORS, "180 of 200 are open");
		awaitLoops();
		connect(paused);
		connect(other);
		this.ports.release(Hold.DESCRIPTORS, "100 of 200 are open");
		awaitOpen(other, 1);
		awaitLoops();
		assertThat(paused.getOpenConnectionIds()).isEmpty();
		paused.resumeAccepting();
		awaitOpen(paused, 1);
	}

	@Test
	void resumedPortStillWaitsForEachHold() throws IOException {
		NettyServerConnectionFactory server = server();
		server.pauseAccepting();
		this.ports.hold(Hold.MEMORY, "much is used");
		this.ports.hold(Hold.DESCRIPTORS, "many are open");
		awaitLoops();
		connect(server);
		server.resumeAccepting();
		this.ports.release(Hold.MEMORY, "little is used");
		awaitLoops();
		assertThat(this.ports.accepted()).isZero();
		this.ports.release(Hold.DESCRIPTORS, "few are open");
		awaitOpen(server, 1);
	}

	@Test
	void portThatOpensDuringAHoldAcceptsOnceItIsReleased() throws IOException {
		this.ports.hold(Hold.MEMORY, "much is used");
		NettyServerConnectionFactory server = server();
		connect(server);
		awaitLoops();
		assertThat(this.ports.accepted()).isZero();
		this.ports.release(Hold.MEMORY, "little is used");
		awaitOpen(server, 1);
	}

	@Test
	void connectionsCountUntilTheyAreClosed() throws IOException {
		NettyServerConnectionFactory server = server();
		List<Integer> counts = new CopyOnWriteArrayList<>();
		this.ports.observe(counts::add);
		Socket client = connect(server);
		awaitOpen(server, 1);
		client.close();
		await().untilAsserted(() -> assertThat(this.ports.accepted()).isZero());
		assertThat(counts).containsExactly(1, 0);
	}

}
