package io.holdfast.route;

import io.holdfast.framing.FramingException;
import io.holdfast.transport.LoopSide;
import io.holdfast.upstream.Eviction;
import io.holdfast.upstream.Link;
import io.holdfast.upstream.LinkUser;

/**
 * The link of a client that has one for itself. On the loop of both.
 */
final class DedicatedLink implements LinkUser {

	private final DedicatedLane lane;

	private final Client client;

	private final Link link;

	private final RelayContext context;

	private final OfferedFrames offered;

	/** Not read, because the client does not read. */
	private boolean held;

	private boolean outputEnded;

	/** When the upstream last took something after the client's end, or that end. */
	private long takenNanos;

	DedicatedLink(DedicatedLane lane, Client client, Link link, RelayContext context) {
		this.lane = lane;
		this.client = client;
		this.link = link;
		this.context = context;
		this.offered = new OfferedFrames(link.connection(), context.outcomes(), Outcome.LINK_LOST);
	}

	void use() {
		LoopSide ours = this.client.onLoop();
		this.link.onLoop().flushWith(ours);
		ours.flushWith(this.link.onLoop());
		this.link.onLoop().onFlushed(this::flushed);
		this.link.use(this, /* retries= */ false);
	}

	private void flushed(int frames) {
		this.offered.taken(frames);
		if (this.outputEnded) {
			this.takenNanos = this.context.nanoTime();
		}
	}

	boolean isWritable() {
		return this.link.isWritable();
	}

	void send(byte[] frame) {
		try {
			if (this.link.onLoop().offer(frame) < 0) {
				this.context.outcomes().count(Outcome.LINK_LOST);
				return;
			}
			this.offered.offered();
			if (!this.context.isOneWay(frame)) {
				this.lane.asked();
			}
			return;
		}
		catch (FramingException ex) {
			// it does not fit the upstream's protocol
		}
		catch (RuntimeException | OutOfMemoryError ex) {
			this.context.faults().tell("sent a frame to an upstream", ex);
			this.link.discard(Eviction.UNREAD);
		}
		this.context.outcomes().count(Outcome.REFUSED);
		this.client.afterFailure();
	}

	/** Reads no more until {@link #readOn()}. */
	void hold() {
		if (!this.held) {
			this.held = true;
			this.link.onLoop().pauseReading();
		}
	}

	boolean isHeld() {
		return this.held;
	}

	void readOn() {
		if (this.held) {
			this.held = false;
			this.link.onLoop().resumeReading();
		}
	}

	/** Tells the upstream that the client has ended, after all that was sent. */
	void endOutput() {
		this.outputEnded = true;
		this.takenNanos = this.context.nanoTime();
		this.link.endOutput();
	}

	boolean hasEndedOutput() {
		return this.outputEnded;
	}

	void close() {
		this.link.close();
	}

	long lastReadNanos() {
		return this.link.onLoop().lastReadNanos();
	}

	/**
	 * When the upstream last sent or took something. Heartbeats are nothing, but bytes of
	 * a frame that has begun to come are.
	 */
	long progressNanos() {
		LoopSide from = this.link.onLoop();
		long last = later(this.takenNanos, from.lastFrameInNanos());
		return from.hasUnread() ? later(last, from.lastReadNanos()) : last;
	}

	private static long later(long one, long other) {
		return (one - other > 0) ? one : other;
	}

	@Override
	public void received(Link from, byte[] frame) {
		this.lane.deliver(this, frame);
	}

	@Override
	public void writable(Link writable) {
		this.lane.sendParked();
	}

	@Override
	public void lost(Link ended) {
		// what was being sent at the close may still be taken
		this.offered.settleWhenGone();
		this.lane.linkLost(this);
	}

}
