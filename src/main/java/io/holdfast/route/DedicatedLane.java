package io.holdfast.route;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongSupplier;

import io.holdfast.framing.FramingException;
import io.holdfast.transport.LoopSide;
import io.holdfast.transport.NettyTcpConnection;
import io.holdfast.upstream.Borrower;
import io.holdfast.upstream.Link;
import io.holdfast.upstream.LinkUser;
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

	private final Outcomes outcomes;

	private final long replyTimeoutNanos;

	private final LongSupplier nanoTime;

	private final EventLoop loop;

	/** Ends the wait for an upstream after the client's end. */
	private final LoopTimer endTimer;

	private final Deque<byte[]> parked = new ArrayDeque<>(2);

	private @Nullable Side side;

	private boolean waiting;

	private boolean paused;

	private boolean clientEnded;

	/** Whether the client has sent something since the upstream last did. */
	private boolean asked;

	/** When the client asked, or else when it had the last answer. */
	private long askedNanos;

	DedicatedLane(Client client, Upstream upstream, Strays strays, Outcomes outcomes, long replyTimeoutNanos,
			LongSupplier nanoTime) {
		this.client = client;
		this.upstream = upstream;
		this.strays = strays;
		this.outcomes = outcomes;
		this.replyTimeoutNanos = replyTimeoutNanos;
		this.nanoTime = nanoTime;
		this.askedNanos = nanoTime.getAsLong();
		this.loop = client.connection().eventLoop();
		this.endTimer = new LoopTimer(this.loop, nanoTime, () -> client.onLoop().holdEnd(false));
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
	public void opened() {
		LoopSide connection = this.client.onLoop();
		connection.uncoupleInputFromOutput();
		connection.holdEnd(true);
		connection.onHeldEnd(this::endedByClient);
		connection.onWritable(this::clientWritable);
		acquire();
	}

	private void acquire() {
		this.waiting = true;
		Link idle = this.upstream.acquire(this);
		if (idle != null) {
			granted(idle);
		}
	}

	@Override
	public void granted(Link granted) {
		this.waiting = false;
		if (this.client.isGone()) {
			granted.release();
			return;
		}
		Side taken = new Side(granted);
		this.side = taken;
		taken.use();
		sendParked();
	}

	@Override
	public void refused(NoLinkException reason) {
		this.waiting = false;
		this.outcomes.count(Outcome.of(reason), this.parked.size());
		boolean nothingParked = this.parked.isEmpty();
		int failures = Math.max(1, this.parked.size());
		this.parked.clear();
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
		Side current = this.side;
		if (current != null && this.parked.isEmpty() && current.link.isWritable()) {
			current.send(frame);
			return;
		}
		this.parked.add(frame);
		if (!this.paused) {
			this.paused = true;
			this.client.onLoop().pauseReading();
		}
		if (current == null && !this.waiting) {
			acquire();
		}
	}

	private void sendParked() {
		Side current = this.side;
		if (current == null) {
			return;
		}
		while (current.link.isWritable() && !this.parked.isEmpty()) {
			current.send(this.parked.remove());
		}
		resumeClient();
		if (this.clientEnded && this.parked.isEmpty() && !current.outputEnded) {
			current.outputEnded = true;
			current.link.endOutput();
			this.endTimer.arm(this.nanoTime.getAsLong() + this.replyTimeoutNanos);
		}
	}

	private void resumeClient() {
		if (this.paused && this.parked.isEmpty()) {
			this.paused = false;
			this.client.onLoop().resumeReading();
		}
	}

	private void deliver(Side from, byte[] frame) {
		if (this.asked) {
			this.asked = false;
			this.askedNanos = from.link.onLoop().lastReadNanos();
		}
		NettyTcpConnection connection = this.client.connection();
		boolean delivered = false;
		try {
			// not bounded by max-pending-output: the link is not read beyond half of that
			delivered = !this.client.isGone() && connection.onLoop().offer(frame) >= 0;
		}
		catch (FramingException ex) {
			// it does not fit the listener's protocol
		}
		if (!delivered) {
			this.strays.late();
			return;
		}
		this.outcomes.count(Outcome.RELAYED);
		if (!connection.isWritable() && !from.held) {
			from.held = true;
			from.link.onLoop().pauseReading();
		}
	}

	private void clientWritable() {
		Side current = this.side;
		if (current != null && current.held) {
			current.held = false;
			current.link.onLoop().resumeReading();
		}
	}

	private void linkLost(Side lost) {
		if (this.side != lost) {
			return;
		}
		this.side = null;
		if (this.client.isGone()) {
			return;
		}
		if (this.clientEnded) {
			this.client.connection().close();
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
		if (this.clientEnded && this.side == null && !this.waiting) {
			this.client.onLoop().holdEnd(false);
		}
	}

	/**
	 * What the client has sent may be answered within the reply timeout; nobody knows
	 * whether it will be.
	 */
	@Override
	public long owedUntilNanos() {
		long now = this.nanoTime.getAsLong();
		return (this.asked && now - this.askedNanos > this.replyTimeoutNanos) ? this.askedNanos + this.replyTimeoutNanos
				: this.asked ? now : this.askedNanos;
	}

	@Override
	public void left() {
		this.upstream.cancel(this);
		this.endTimer.cancel();
		this.outcomes.count(Outcome.REFUSED, this.parked.size());
		this.parked.clear();
		Side current = this.side;
		if (current != null) {
			current.link.close();
		}
	}

	/**
	 * The link of the client.
	 */
	private final class Side implements LinkUser {

		private final Link link;

		/** Not read, because the client does not read. */
		private boolean held;

		private boolean outputEnded;

		private long accepted;

		private long sent;

		Side(Link link) {
			this.link = link;
		}

		void use() {
			LoopSide ours = DedicatedLane.this.client.onLoop();
			this.link.onLoop().flushWith(ours);
			ours.flushWith(this.link.onLoop());
			this.link.onLoop().onFlushed((frames) -> {
				this.sent += frames;
				DedicatedLane.this.outcomes.count(Outcome.RELAYED, frames);
			});
			this.link.use(this, /* retries= */ false);
		}

		void send(byte[] frame) {
			try {
				if (this.link.onLoop().offer(frame) >= 0) {
					this.accepted++;
					DedicatedLane.this.asked = true;
					DedicatedLane.this.askedNanos = DedicatedLane.this.client.onLoop().lastReadNanos();
				}
				else {
					DedicatedLane.this.outcomes.count(Outcome.LINK_LOST);
				}
			}
			catch (FramingException ex) {
				DedicatedLane.this.outcomes.count(Outcome.REFUSED);
				DedicatedLane.this.client.afterFailure();
			}
		}

		@Override
		public void received(Link from, byte[] frame) {
			deliver(this, frame);
		}

		@Override
		public void writable(Link writable) {
			sendParked();
		}

		@Override
		public void lost(Link ended) {
			// what was being sent at the close may still be taken
			this.link.connection()
				.whenGone(() -> DedicatedLane.this.outcomes.count(Outcome.LINK_LOST, this.accepted - this.sent));
			linkLost(this);
		}

	}

}
