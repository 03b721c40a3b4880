package io.holdfast.route;

import java.util.ArrayDeque;
import java.util.Deque;

import io.holdfast.transport.LoopSide;
import io.holdfast.upstream.Borrower;
import io.holdfast.upstream.Link;
import io.holdfast.upstream.NoLinkException;
import io.holdfast.upstream.Upstream;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/**
 * The way of a client that has a link for itself, from when it connects until it leaves.
 * Frames pass in both directions as they come; each side is read as fast as the other
 * takes it. When one side ends, so does the other, after it has had all that was sent.
 * Both sides are on one event loop.
 */
final class DedicatedLane implements Lane, Borrower {

	private final Client client;

	private final Upstream upstream;

	private final Strays strays;

	private final RelayContext context;

	private final long replyTimeoutNanos;

	private final EventLoop loop;

	/** Ends the wait for an upstream that goes silent after the client's end. */
	private final LoopTimer endTimer;

	private final OfferedFrames toClient;

	private final Deque<byte[]> parked = new ArrayDeque<>(2);

	/** Whether what is parked has waited for a link, and not only for room on it. */
	private boolean parkedWaits;

	private long parkedUntilNanos;

	private @Nullable DedicatedLink link;

	private boolean waiting;

	private boolean paused;

	private boolean clientEnded;

	/** Whether the client has sent something since the upstream last did. */
	private boolean asked;

	/** When the client asked, or else when it had the last answer. */
	private long askedNanos;

	DedicatedLane(Client client, Upstream upstream, Strays strays, long replyTimeoutNanos, RelayContext context) {
		this.client = client;
		this.upstream = upstream;
		this.strays = strays;
		this.context = context;
		this.replyTimeoutNanos = replyTimeoutNanos;
		this.loop = client.connection().eventLoop();
		this.endTimer = new LoopTimer(this.loop, context::nanoTime, this::endIfSilent);
		this.toClient = new OfferedFrames(client.connection(), context.outcomes(), Outcome.UNMATCHED_REPLY);
		this.askedNanos = context.nanoTime();
	}

	@Override
	public EventLoop eventLoop() {
		return this.loop;
	}

	@Override
	public boolean keepsLink() {
		return true;
	}

	@Override
	public long deadlineNanos(long latestNanos) {
		if (this.parked.isEmpty()) {
			return latestNanos;
		}
		waitsUntil(latestNanos);
		return this.parkedUntilNanos;
	}

	private void waitsUntil(long latestNanos) {
		if (!this.parkedWaits) {
			this.parkedWaits = true;
			this.parkedUntilNanos = latestNanos;
		}
	}

	@Override
	public void opened() {
		LoopSide connection = this.client.onLoop();
		connection.uncoupleInputFromOutput();
		connection.holdEnd(true);
		connection.onHeldEnd(this::endedByClient);
		connection.onWritable(this::clientWritable);
		connection.onFlushed(this.toClient::taken);
		acquire();
	}

	private void acquire() {
		this.waiting = true;
		try {
			Link idle = this.upstream.acquire(this);
			if (idle != null) {
				granted(idle);
			}
		}
		catch (RuntimeException | OutOfMemoryError ex) {
			this.context.faults().tell("looked for a link for a client", ex);
			this.upstream.cancel(this);
			refuse(Outcome.NO_LINK);
		}
	}

	@Override
	public void granted(Link granted) {
		this.waiting = false;
		if (this.client.isGone()) {
			granted.release();
			return;
		}
		DedicatedLink taken = new DedicatedLink(this, this.client, granted, this.context);
		this.link = taken;
		taken.use();
		sendParked();
	}

	@Override
	public void refused(NoLinkException reason) {
		refuse(Outcome.of(reason));
	}

	private void refuse(Outcome outcome) {
		this.waiting = false;
		this.context.outcomes().count(outcome, this.parked.size());
		boolean nothingParked = this.parked.isEmpty();
		int failures = Math.max(1, this.parked.size());
		this.parked.clear();
		this.parkedWaits = false;
		for (int i = 0; i < failures; i++) {
			if (nothingParked) {
				this.client.closeIfTold();
			}
			else {
				this.client.afterFailure();
			}
		}
		resumeClient();
		closeIfEnded();
	}

	@Override
	public void received(byte[] frame) {
		DedicatedLink current = this.link;
		if (current != null && this.parked.isEmpty() && current.isWritable()) {
			current.send(frame);
			return;
		}
		this.parked.add(frame);
		if (!this.paused) {
			this.paused = true;
			this.client.onLoop().pauseReading();
		}
		if (current == null) {
			waitsUntil(
					this.client.onLoop().lastReadNanos() + this.upstream.settings().links().acquireTimeout().toNanos());
			if (!this.waiting) {
				acquire();
			}
		}
	}

	/** Sends what is parked, as far as the link has room. */
	void sendParked() {
		DedicatedLink current = this.link;
		if (current == null) {
			return;
		}
		while (current.isWritable() && !this.parked.isEmpty()) {
			current.send(this.parked.remove());
		}
		if (this.parked.isEmpty()) {
			this.parkedWaits = false;
		}
		resumeClient();
		if (this.clientEnded && this.parked.isEmpty() && !current.hasEndedOutput()) {
			current.endOutput();
			this.endTimer.arm(this.context.nanoTime() + this.replyTimeoutNanos);
		}
	}

	/**
	 * Lets the client go whose upstream has had its end, and has since neither sent nor
	 * taken anything for the reply timeout. What the client itself does not take is
	 * bounded by its send timeout.
	 */
	private void endIfSilent() {
		DedicatedLink current = this.link;
		if (current == null || this.client.isGone()) {
			return;
		}
		long now = this.context.nanoTime();
		long silentSince = current.isHeld() ? now : current.progressNanos();
		if (now - silentSince >= this.replyTimeoutNanos) {
			this.client.releaseEnd();
		}
		else {
			this.endTimer.arm(silentSince + this.replyTimeoutNanos);
		}
	}

	private void resumeClient() {
		if (this.paused && this.parked.isEmpty()) {
			this.paused = false;
			this.client.resumeReading();
		}
	}

	/** The client has asked for something, which the upstream may answer. */
	void asked() {
		this.asked = true;
		this.askedNanos = this.client.onLoop().lastReadNanos();
	}

	/** The upstream has sent a frame. */
	void deliver(DedicatedLink from, byte[] frame) {
		if (this.asked) {
			this.asked = false;
			this.askedNanos = from.lastReadNanos();
		}
		// not bounded by max-pending-output: the link is not read beyond half of that
		if (!this.client.pass(frame)) {
			this.strays.late();
			return;
		}
		if (this.client.isIntercepted()) {
			// the interceptors may have made more or fewer frames of it
			this.context.outcomes().count(Outcome.RELAYED);
		}
		else {
			this.toClient.offered();
		}
		if (!this.client.connection().isWritable()) {
			from.hold();
		}
	}

	private void clientWritable() {
		DedicatedLink current = this.link;
		if (current != null) {
			current.readOn();
		}
	}

	/** The link has ended. */
	void linkLost(DedicatedLink lost) {
		if (this.link != lost) {
			return;
		}
		this.link = null;
		this.endTimer.cancel();
		if (this.client.isGone()) {
			return;
		}
		if (this.clientEnded) {
			// both sides have ended, so the client's own end is told as the reason
			this.client.releaseEnd();
			return;
		}
		this.client.closeIfTold();
		if (!this.client.isGone() && !this.parked.isEmpty() && !this.waiting) {
			acquire();
		}
	}

	/** The client has sent all it will; the upstream may still have something to say. */
	private void endedByClient() {
		if (!this.clientEnded) {
			this.clientEnded = true;
			sendParked();
			closeIfEnded();
		}
	}

	private void closeIfEnded() {
		if (this.clientEnded && this.link == null && !this.waiting) {
			this.client.releaseEnd();
		}
	}

	/**
	 * What the client has sent may be answered within the reply timeout; nobody knows
	 * whether it will be.
	 */
	@Override
	public long owedUntilNanos() {
		long now = this.context.nanoTime();
		if (!this.asked) {
			return this.askedNanos;
		}
		long latest = this.askedNanos + this.replyTimeoutNanos;
		return (now - latest > 0) ? latest : now;
	}

	@Override
	public void left() {
		this.upstream.cancel(this);
		this.endTimer.cancel();
		this.context.outcomes().count(Outcome.REFUSED, this.parked.size());
		this.parked.clear();
		this.toClient.settleWhenGone();
		DedicatedLink current = this.link;
		if (current != null) {
			current.close();
		}
	}

}
