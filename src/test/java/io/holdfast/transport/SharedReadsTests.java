package io.holdfast.transport;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import io.holdfast.framing.Line;
import io.netty.buffer.PooledByteBufAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.integration.ip.IpHeaders;
import org.springframework.messaging.Message;
import org.springframework.scheduling.concurrent.SimpleAsyncTaskScheduler;

import static io.holdfast.transport.DropInRig.eventually;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Connections of one loop that may read into the same buffers do not get in each other's
 * way.
 */
class SharedReadsTests {

	private static final String REST_OF_A_LINE = "-".repeat(1000) + "\n";

	private final EventLoops loops = new EventLoops(1, Clock.systemUTC());

	private final NettyServerConnectionFactory server = new NettyServerConnectionFactory(0, this.loops);

	private final SimpleAsyncTaskScheduler scheduler = new SimpleAsyncTaskScheduler();

	private final Map<Integer, List<String>> received = new ConcurrentHashMap<>();

	private final List<RawPeer> peers = new ArrayList<>();

	@BeforeEach
	void start() {
		this.server.setFraming(new Line(Line.Ending.LF, 2048));
		this.server.setDelivery(Delivery.EVENT_LOOP);
		this.server.setTaskScheduler(this.scheduler);
		this.server.setApplicationEventPublisher((event) -> {
		});
		this.server.registerListener(this::receive);
		this.server.start();
	}

	@AfterEach
	void stop() throws IOException {
		for (RawPeer peer : this.peers) {
			peer.close();
		}
		this.server.stop();
		this.loops.close();
		this.scheduler.close();
	}

	@Test
	void takeMoreThanTheyHaveRoomForWhileTheLoopIsBusy() throws IOException {
		connect(100);
		String lines = IntStream.range(0, 100).mapToObj((n) -> n + REST_OF_A_LINE).collect(Collectors.joining());
		BusyLoop.during(this.loops.group(), () -> this.peers.forEach((peer) -> peer.write(lines)));
		eventually(() -> assertThat(this.received.values())
			.allSatisfy((taken) -> assertThat(String.join("\n", taken) + "\n").isEqualTo("hello\n" + lines)));
	}

	@Test
	void keepNoMoreOfHalfAFrameThanItsBytes() throws IOException {
		connect(101);
		RawPeer busy = this.peers.get(0);
		long before = pinned();
		for (int n = 1; n <= 100; n++) {
			this.peers.get(n).write("half");
			busy.write(("whole" + REST_OF_A_LINE).repeat(100));
			int lines = n * 100;
			eventually(() -> assertThat(linesOf(busy)).hasSize(1 + lines));
		}
		assertThat(pinned() - before).isLessThan(100 * 16 * 1024);
		for (int n = 1; n <= 100; n++) {
			this.peers.get(n).write("and half\n");
			RawPeer peer = this.peers.get(n);
			eventually(() -> assertThat(linesOf(peer)).endsWith("halfand half"));
		}
	}

	/** Each has sent a line, so that it is known to be read. */
	private void connect(int count) throws IOException {
		int port = this.server.awaitListening(Duration.ofSeconds(10)).getPort();
		for (int n = 0; n < count; n++) {
			this.peers.add(new RawPeer(new Socket(DropInRig.LOOPBACK, port)).write("hello\n"));
		}
		eventually(() -> assertThat(this.received).hasSize(count));
	}

	private boolean receive(Message<?> message) {
		this.received
			.computeIfAbsent((Integer) message.getHeaders().get(IpHeaders.REMOTE_PORT),
					(port) -> new CopyOnWriteArrayList<>())
			.add(new String((byte[]) message.getPayload(), StandardCharsets.US_ASCII));
		return true;
	}

	private List<String> linesOf(RawPeer peer) {
		return this.received.getOrDefault(peer.socket().getLocalPort(), List.of());
	}

	private static long pinned() {
		return PooledByteBufAllocator.DEFAULT.pinnedDirectMemory();
	}

}
