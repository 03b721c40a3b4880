package io.holdfast.liveness;

import io.holdfast.connection.CloseReason;
import io.holdfast.connection.Vitals;
import io.holdfast.framing.FramingException;
import io.holdfast.protocol.Heartbeat;
import io.holdfast.protocol.Identity;
import io.holdfast.transport.FrameFilter;
import io.holdfast.transport.LoopSide;
import io.holdfast.transport.NettyTcpConnection;
import io.holdfast.transport.PreparedFrame;
import org.jspecify.annotations.Nullable;

/**
 * Watches one connection. Nothing is done for a byte or a frame but what a heartbeat
 * itself asks for: when the nearest deadline comes, it is seen what has come meanwhile,
 * and the next one is armed. Belongs to the connection's loop.
 */
final class Watch extends Timeout implements FrameFilter, Vitals {

	/** Frames in which an identity is looked for. */
	private static final int IDENTITY_FRAMES = 8;

	/** How long a connection may take to end. */
	private static final long LEAVE_NANOS = 30_000_000_000L;

	private final Liveness liveness;

	private final NettyTcpConnection connection;

	private final Endings endings;

	private final TimerWheel wheel;

	private final long openedNanos;

	private final long ageNanos;

	private long heardNanos;

	private volatile long roundNanos;

	/** Whether the interval has passed since the last byte. */
	private volatile boolean silent;

	private volatile int missed;

	private int unanswered;

	private int framesSeen;

	/** Whether the next deadline takes a frame into account that has begun to come. */
	private boolean frameTimed;

	private volatile boolean spoken;

	private volatile @Nullable String identity;

	private boolean over;

	private boolean gone;

	Watch(Liveness liveness, NettyTcpConnection connection, Endings endings) {
		this.liveness = liveness;
		this.connection = connection;
		this.endings = endings;
		this.wheel = liveness.wheelOf(connection);
		this.openedNanos = liveness.nanoTime();
		this.heardNanos = this.openedNanos;
		this.ageNanos = liveness.ageNanos();
	}

	private LoopSide onLoop() {
		return this.connection.onLoop();
	}

	void start() {
		this.connection.whenGone(this::gone);
		if (this.liveness.frameNanos() > 0) {
			onLoop().onFrameBegun(this::frameBegun);
		}
		expired(this.openedNanos);
	}

	private void gone() {
		this.gone = true;
		this.wheel.cancel(this);
		Identities identities = this.liveness.identities();
		if (identities != null) {
			identities.release(this.identity, this);
		}
	}

	/** Whether its identity has been released, so that none may be claimed any more. */
	boolean isGone() {
		return this.gone;
	}

	/**
	 * Any thread: whether the connection was closed or its peer has ended it, so that its
	 * identity is free although its socket may still be open.
	 */
	boolean isEnding() {
		return !this.connection.isOpen() || this.connection.closeCause().isPresent();
	}

	// frames

	@Override
	public boolean consumes(byte[] frame) {
		if (!this.spoken) {
			this.spoken = true;
		}
		if (this.framesSeen < IDENTITY_FRAMES && this.identity == null && frame.length > 0) {
			this.framesSeen++;
			if (!identify(frame)) {
				return true;
			}
		}
		Heartbeat heartbeat = this.liveness.heartbeat();
		return heartbeat != null && consumes(frame, heartbeat);
	}

	/** Whether the frame may be worked on. */
	private boolean identify(byte[] frame) {
		Identity where = this.liveness.identity();
		String found = (where != null) ? where.of(frame) : null;
		if (found == null) {
			return true;
		}
		Identities identities = this.liveness.identities();
		if (identities == null || identities.claim(found, this)) {
			this.identity = found;
			return true;
		}
		end(CloseReason.IDENTITY_IN_USE, "identity " + found + " is connected already");
		return false;
	}

	private boolean consumes(byte[] frame, Heartbeat heartbeat) {
		boolean reply = heartbeat.isReply(frame);
		if (reply && this.unanswered > 0) {
			this.unanswered--;
			this.liveness.add(HeartbeatResult.ACKNOWLEDGED);
			return true;
		}
		// where probe and reply are the same, what answers no probe is a heartbeat
		byte[] answer = heartbeat.answerTo(frame);
		if (answer == null) {
			return isIgnored(reply, frame, heartbeat);
		}
		try {
			if (onLoop().sendUncounted(answer)) {
				this.liveness.add(HeartbeatResult.ANSWERED);
			}
			return true;
		}
		catch (FramingException ex) {
			// with the bytes that it repeats, the answer is no frame
			return isIgnored(reply, frame, heartbeat);
		}
	}

	private boolean isIgnored(boolean reply, byte[] frame, Heartbeat heartbeat) {
		boolean ignored = reply || heartbeat.isIgnored(frame);
		if (ignored) {
			this.liveness.add(HeartbeatResult.IGNORED);
		}
		return ignored;
	}

	// time

	@Override
	void expired(long now) {
		if (this.over) {
			// as one may that is told to leave in order
			this.connection.cut();
			return;
		}
		if (this.gone || !this.connection.isOpen() || this.connection.isLeaving()) {
			return;
		}
		long next = Long.MAX_VALUE;
		if (this.liveness.handshakeNanos() > 0 && !isHandshaken()) {
			next = Math.min(next, handshake(now));
		}
		if (this.frameTimed) {
			next = Math.min(next, frame(now));
		}
		if (this.liveness.intervalNanos() > 0) {
			next = Math.min(next, heartbeat(now));
		}
		if (this.liveness.idleNanos() > 0) {
			next = Math.min(next, idle(now));
		}
		if (this.ageNanos > 0) {
			next = Math.min(next, age(now));
		}
		if (!this.over && next != Long.MAX_VALUE) {
			this.wheel.arm(this, now + next);
		}
	}

	/** Without a filter, the frames are counted by the connection alone. */
	private boolean isHandshaken() {
		return this.spoken || this.connection.traffic().framesIn() > 0;
	}

	private long handshake(long now) {
		long left = this.liveness.handshakeNanos() - (now - this.openedNanos);
		if (left <= 0) {
			end(CloseReason.HANDSHAKE_TIMEOUT,
					"no whole frame within " + Liveness.millis(now - this.openedNanos) + " ms of connecting");
		}
		return left;
	}

	/** Arms the wheel for a frame that has begun, unless it is armed for one already. */
	private void frameBegun() {
		if (this.frameTimed || this.over || this.gone) {
			return;
		}
		this.frameTimed = true;
		long due = this.liveness.nanoTime() + this.liveness.frameNanos();
		if (place() == NOT_ARMED || deadlineNanos() - due > 0) {
			this.wheel.arm(this, due);
		}
	}

	private long frame(long now) {
		if (!onLoop().isInMidFrame()) {
			this.frameTimed = false;
			return Long.MAX_VALUE;
		}
		long left = this.liveness.frameNanos() - (now - onLoop().frameBegunNanos());
		if (left <= 0) {
			end(CloseReason.FRAME_TIMEOUT, "frame not whole " + Liveness.millis(now - onLoop().frameBegunNanos())
					+ " ms after its first byte");
		}
		return left;
	}

	private long heartbeat(long now) {
		hear(now);
		long interval = this.liveness.intervalNanos();
		long since = this.silent ? this.roundNanos : this.heardNanos;
		// a byte that came right after the last look would cost a look of its own
		long slack = Math.min(TimerWheel.TICK_NANOS, interval / 10);
		if (now - since < interval - slack) {
			return interval - (now - since);
		}
		PreparedFrame probe = this.liveness.probe();
		if (this.silent || probe == null) {
			int misses = this.missed + 1;
			this.missed = misses;
			this.liveness.add(HeartbeatResult.MISSED);
			if (misses >= this.liveness.maxMissed()) {
				end(CloseReason.HEARTBEAT_MISSED, "no byte for " + Liveness.millis(now - this.heardNanos) + " ms, with "
						+ misses + " heartbeats missed");
				return 0;
			}
		}
		this.silent = true;
		// not from now on: the lateness of each round would add up
		long late = now - since - interval;
		this.roundNanos = (late > 0 && late < interval) ? now - late : now;
		if (probe != null && this.connection.isWritable() && onLoop().sendUncounted(probe)) {
			this.unanswered++;
			this.liveness.add(HeartbeatResult.PROBED);
		}
		return interval - (now - this.roundNanos);
	}

	/** Sees whether any byte has come, or whether it is we who do not read. */
	private void hear(long now) {
		long last = onLoop().isHeldUp() ? now : onLoop().lastReadNanos();
		if (last - this.heardNanos > 0) {
			this.heardNanos = last;
		}
		if (this.silent && this.heardNanos - this.roundNanos >= 0) {
			this.silent = false;
			this.missed = 0;
		}
	}

	private long idle(long now) {
		long last = onLoop().lastBusyNanos();
		boolean byBytes = this.liveness.heartbeat() == null || onLoop().hasUnread();
		if (onLoop().isHeldUp()) {
			last = now;
		}
		else if (byBytes && onLoop().lastReadNanos() - last > 0) {
			last = onLoop().lastReadNanos();
		}
		long left = this.liveness.idleNanos() - (now - last);
		if (left <= 0) {
			end(CloseReason.IDLE_TIMEOUT, "no frame but heartbeats for " + Liveness.millis(now - last) + " ms");
		}
		return left;
	}

	private long age(long now) {
		long left = this.ageNanos - (now - this.openedNanos);
		if (left <= 0) {
			end(CloseReason.MAX_AGE, "connected for " + Liveness.millis(now - this.openedNanos) + " ms");
		}
		return left;
	}

	private void end(CloseReason reason, String message) {
		if (!this.over && this.connection.isOpen()) {
			this.over = true;
			this.endings.end(this.connection, reason, message);
			// one that has gone by then would be held by the wheel until that time
			if (!this.gone) {
				this.wheel.arm(this, this.liveness.nanoTime() + LEAVE_NANOS);
			}
		}
	}

	/** Any thread: the same identity is connected elsewhere. */
	void takenOver(Watch newer) {
		this.connection.eventLoop()
			.execute(() -> end(CloseReason.TAKEN_OVER,
					"identity " + this.identity + " has connected again from " + newer.connection.remoteAddress()));
	}

	// vitals

	@Override
	public boolean hasSpoken() {
		return this.spoken;
	}

	@Override
	public boolean isSilent() {
		return this.silent && onLoop().lastReadNanos() - this.roundNanos < 0;
	}

	@Override
	public int missedHeartbeats() {
		return isSilent() ? this.missed : 0;
	}

	@Override
	public @Nullable String identity() {
		return this.identity;
	}

}
