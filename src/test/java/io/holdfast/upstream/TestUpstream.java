package io.holdfast.upstream;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteOrder;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;

import io.holdfast.framing.LengthField;
import io.holdfast.liveness.Liveness;
import io.holdfast.liveness.LivenessSettings;
import io.holdfast.liveness.TimerWheels;
import io.holdfast.protocol.BytesSettings;
import io.holdfast.protocol.Heartbeat;
import io.holdfast.protocol.HeartbeatSettings;
import io.holdfast.protocol.PatternSettings;
import io.holdfast.protocol.Protocol;
import io.holdfast.protocol.ProtocolSettings;
import io.holdfast.protocol.Protocols;
import io.holdfast.testing.UpstreamServer;
import io.holdfast.testing.UpstreamServer.Script;
import io.holdfast.transport.Delivery;
import io.holdfast.transport.EventLoops;
import io.holdfast.transport.NettyClientConnectionFactory;
import io.holdfast.transport.WorkerPool;
import io.holdfast.transport.WorkerSettings;
import io.netty.channel.EventLoop;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Upstreams on two loops of their own, put together as the gateway does it, and the
 * servers that they lead to. All of it ends with the test.
 */
final class TestUpstream implements AfterEachCallback {

	static final int MAX_FRAME = 1 << 20;

	static final byte[] PROBE = { -1, -1, 0 };

	static final byte[] ALIVE = { -1, -1, 1 };

	private final Protocol protocol = new Protocol("frames",
			new LengthField(0, 4, 0, 4, ByteOrder.BIG_ENDIAN, MAX_FRAME), null, heartbeat(), null, null, null);

	private final EventLoops loops = new EventLoops(2, Clock.systemUTC());

	private final List<EventLoop> each = StreamSupport.stream(this.loops.preferred().parent().spliterator(), false)
		.map(EventLoop.class::cast)
		.toList();

	private NameLookup names = new NameLookup(System::nanoTime);

	private final WorkerPool workers = new WorkerPool(new WorkerSettings(8, 64, WorkerSettings.WhenFull.WAIT));

	private final Deque<AutoCloseable> resources = new ArrayDeque<>();

	static void eventually(ThrowingRunnable assertion) {
		Awaitility.await().pollInterval(Duration.ofMillis(10)).untilAsserted(assertion);
	}

	/** Runs a task on a loop and waits for it. */
	static void on(EventLoop loop, Runnable task) {
		try {
			loop.submit(task).get(10, TimeUnit.SECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
		catch (ExecutionException | TimeoutException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** A port at which nobody listens. */
	static int closedPort() throws Exception {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			return socket.getLocalPort();
		}
	}

	private static @Nullable Heartbeat heartbeat() {
		HeartbeatSettings settings = new HeartbeatSettings(new BytesSettings("ffff00", null),
				new PatternSettings("ffff01", null), null, null);
		return new Protocols(Map.of("frames", new ProtocolSettings("length32", null, null, settings, null, null, null)))
			.get("frames", "protocol")
			.heartbeat();
	}

	EventLoops loops() {
		return this.loops;
	}

	/** The loop that links are opened on for nobody in particular. */
	EventLoop loop() {
		return this.each.get(0);
	}

	EventLoop otherLoop() {
		return this.each.get(1);
	}

	/** Keeps a loop from doing anything until the returned resource is closed. */
	AutoCloseable hold(EventLoop loop) {
		CountDownLatch held = new CountDownLatch(1);
		CountDownLatch open = new CountDownLatch(1);
		loop.execute(() -> {
			held.countDown();
			await(open);
		});
		this.resources.push(open::countDown);
		await(held);
		return open::countDown;
	}

	static void await(CountDownLatch latch) {
		try {
			if (!latch.await(20, TimeUnit.SECONDS)) {
				throw new IllegalStateException("waited in vain");
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	<T extends AutoCloseable> T closing(T resource) {
		this.resources.push(resource);
		return resource;
	}

	UpstreamServer server(Script script) {
		return closing(UpstreamServer.start(script));
	}

	UpstreamServer server(int port, Script script) {
		return closing(UpstreamServer.start(port, script));
	}

	/** From now on, names are looked up so. */
	void useNames(NameLookup lookup) {
		this.names.close();
		this.names = lookup;
	}

	/** A started upstream that has not been warmed up. */
	Upstream start(TestSettings settings) {
		EndpointAddress first = settings.build().addresses().get(0);
		return start(settings, new NettyClientConnectionFactory(first.host(), first.port(), this.loops));
	}

	/** A started upstream whose links a factory opens that has not been set up yet. */
	Upstream start(TestSettings settings, NettyClientConnectionFactory factory) {
		UpstreamSettings built = settings.build();
		factory.setFraming(this.protocol.framing());
		factory.setDelivery(Delivery.EVENT_LOOP);
		factory.setOutputLimits(built.links().output());
		factory.setTaskExecutor(this.workers);
		factory.setSoTcpNoDelay(true);
		factory.setApplicationEventPublisher((event) -> {
		});
		Upstream upstream = new Upstream("billing", built, factory, this.loops, this.names,
				new Liveness(Liveness.Side.UPSTREAM, "billing", LivenessSettings.of(built.liveness()), this.protocol,
						null, new TimerWheels(this.loops)));
		upstream.start();
		this.resources.push(upstream::stop);
		return upstream;
	}

	/** An upstream with all of min-idle open. */
	Upstream warm(TestSettings settings) {
		Upstream upstream = start(settings);
		upstream.warmUp();
		int wanted = upstream.settings().links().minIdle();
		eventually(() -> {
			if (upstream.info().links().idle() != wanted) {
				throw new AssertionError(upstream.info());
			}
		});
		return upstream;
	}

	TestBorrower borrower() {
		return new TestBorrower(loop());
	}

	/** Borrows a link, of whatever loop. */
	Link borrow(Upstream upstream) {
		return borrow(upstream, borrower());
	}

	Link borrow(Upstream upstream, TestBorrower borrower) {
		Link idle = upstream.acquire(borrower);
		return (idle != null) ? idle : borrower.link();
	}

	List<Link> borrow(Upstream upstream, int count) {
		return IntStream.range(0, count).mapToObj((i) -> borrow(upstream)).toList();
	}

	/** Gives a link back and waits until the pool has it. */
	static void release(Link link) {
		on(link.eventLoop(), link::release);
	}

	@Override
	public void afterEach(ExtensionContext context) throws Exception {
		List<AutoCloseable> ending = new ArrayList<>(this.resources);
		for (AutoCloseable resource : ending) {
			resource.close();
		}
		this.names.close();
		this.workers.close();
		this.loops.close();
	}

}
