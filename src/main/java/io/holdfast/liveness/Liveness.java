package io.holdfast.liveness;

import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.holdfast.protocol.Heartbeat;
import io.holdfast.protocol.Identity;
import io.holdfast.protocol.Protocol;
import io.holdfast.transport.NettyTcpConnection;
import io.holdfast.transport.PreparedFrame;
import org.jspecify.annotations.Nullable;

/**
 * Watches the connections of one listener, or the links of one upstream. Any thread.
 */
public final class Liveness {

	/** Ages are spread over this share, so that connections do not go at once. */
	private static final double AGE_SPREAD = 0.1;

	private final Side side;

	private final String name;

	private final TimerWheels wheels;

	private final @Nullable Heartbeat heartbeat;

	private final @Nullable PreparedFrame probe;

	private final @Nullable Identity identity;

	private final @Nullable Identities identities;

	private final Map<HeartbeatResult, LongAdder> counts = Stream.of(HeartbeatResult.values())
		.collect(Collectors.toUnmodifiableMap(Function.identity(), (result) -> new LongAdder()));

	private final long handshakeNanos;

	private final long frameNanos;

	private final long intervalNanos;

	private final int maxMissed;

	private final long idleNanos;

	private final long ageNanos;

	/**
	 * A watch over connections to come.
	 * @param side which side of the gateway they are on
	 * @param name of the listener or of the upstream
	 * @param settings what is asked of them
	 * @param protocol what they speak
	 * @param takeover what happens to an identity that connects twice; null for nothing
	 * @param wheels where time passes
	 */
	public Liveness(Side side, String name, LivenessSettings settings, Protocol protocol, @Nullable Takeover takeover,
			TimerWheels wheels) {
		this.side = side;
		this.name = name;
		this.wheels = wheels;
		this.heartbeat = protocol.heartbeat();
		byte[] probed = (this.heartbeat != null) ? this.heartbeat.probe() : null;
		this.probe = (probed != null) ? PreparedFrame.of(probed, protocol.framing()) : null;
		this.identity = (side == Side.LISTENER) ? protocol.identity() : null;
		this.identities = (takeover != null) ? new Identities(takeover) : null;
		this.handshakeNanos = Spans.nanos(settings.handshakeTimeout());
		this.frameNanos = Spans.nanos(settings.frameTimeout());
		this.intervalNanos = Spans.nanos(settings.heartbeatInterval());
		this.maxMissed = settings.maxMissed();
		this.idleNanos = Spans.nanos(settings.idleTimeout());
		this.ageNanos = Spans.nanos(settings.maxAge());
	}

	public Side side() {
		return this.side;
	}

	public String name() {
		return this.name;
	}

	/**
	 * How many heartbeats had this result since the start.
	 */
	public long count(HeartbeatResult result) {
		return counter(result).sum();
	}

	/**
	 * Watches a connection until it closes. Called before it runs.
	 * @param endings carries out what its peer has brought about
	 */
	public void watch(NettyTcpConnection connection, Endings endings) {
		boolean timed = this.handshakeNanos + this.frameNanos + this.intervalNanos + this.idleNanos + this.ageNanos > 0;
		boolean filters = this.heartbeat != null || this.identity != null;
		if (!timed && !filters) {
			return;
		}
		Watch watch = new Watch(this, connection, endings);
		if (filters) {
			connection.filter(watch);
		}
		if (connection.eventLoop().inEventLoop()) {
			watch.start();
		}
		else {
			connection.eventLoop().execute(watch::start);
		}
	}

	void add(HeartbeatResult result) {
		counter(result).increment();
	}

	private LongAdder counter(HeartbeatResult result) {
		return Objects.requireNonNull(this.counts.get(result));
	}

	TimerWheel wheelOf(NettyTcpConnection connection) {
		return this.wheels.of(connection.eventLoop());
	}

	long nanoTime() {
		return this.wheels.nanoTime();
	}

	@Nullable Heartbeat heartbeat() {
		return this.heartbeat;
	}

	@Nullable PreparedFrame probe() {
		return this.probe;
	}

	@Nullable Identity identity() {
		return this.identity;
	}

	@Nullable Identities identities() {
		return this.identities;
	}

	long handshakeNanos() {
		return this.handshakeNanos;
	}

	long frameNanos() {
		return this.frameNanos;
	}

	long intervalNanos() {
		return this.intervalNanos;
	}

	int maxMissed() {
		return this.maxMissed;
	}

	long idleNanos() {
		return this.idleNanos;
	}

	/** Anew for each connection; zero for no limit. */
	long ageNanos() {
		double spread = 1 - AGE_SPREAD * ThreadLocalRandom.current().nextDouble();
		return (long) (this.ageNanos * spread);
	}

	static long millis(long nanos) {
		return TimeUnit.NANOSECONDS.toMillis(nanos);
	}

	/**
	 * Which side of the gateway a connection is on.
	 */
	public enum Side {

		/** Accepted from a client. */
		LISTENER,

		/** Opened to a server. */
		UPSTREAM

	}

}
