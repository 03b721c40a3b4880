package io.holdfast.route;

import java.util.function.LongSupplier;

import io.holdfast.framing.FramingException;
import io.holdfast.upstream.Borrower;
import io.holdfast.upstream.Eviction;
import io.holdfast.upstream.Link;
import io.holdfast.upstream.LinkUser;
import io.holdfast.upstream.NoLinkException;
import io.holdfast.upstream.Upstream;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/**
 * The way of a client whose requests have a link for themselves, one after the other. The
 * client is not read while a request is under way, so that its replies keep their order.
 */
final class ExclusiveLane implements Lane, Requester, Borrower {

	private final Client client;

	private final Upstream upstream;

	private final Strays strays;

	private final @Nullable Numbers numbers;

	private final long replyTimeoutNanos;

	private final LongSupplier nanoTime;

	private final EventLoop loop;

	/** Under way, with or without a link. */
	private @Nullable Request current;

	private @Nullable Exchange exchange;

	private final LoopTimer timer;

	ExclusiveLane(Client client, Upstream upstream, Strays strays, @Nullable Numbers numbers, long replyTimeoutNanos,
			LongSupplier nanoTime) {
		this.client = client;
		this.upstream = upstream;
		this.strays = strays;
		this.numbers = numbers;
		this.replyTimeoutNanos = replyTimeoutNanos;
		this.nanoTime = nanoTime;
		this.loop = client.connection().eventLoop();
		this.timer = new LoopTimer(this.loop, nanoTime, this::expire);
	}

	@Override
	public EventLoop eventLoop() {
		return this.loop;
	}

	@Override
	public boolean keepsLink() {
		return false;
	}

	@Override
	public void opened() {
	}

	@Override
	public void received(byte[] frame) {
		Request request = this.client.request(this, frame);
		if (this.current != null) {
			// only at the end of the connection does a client that is not read get here
			this.client.fail(Outcome.REFUSED);
			return;
		}
		this.current = request;
		this.client.onLoop().pauseReading();
		acquire(request.receivedNanos());
	}

	private void acquire(long nowNanos) {
		Link link = this.upstream.acquire(this);
		if (link != null) {
			take(link, nowNanos);
		}
	}

	private void take(Link link, long nowNanos) {
		Request request = this.current;
		if (request == null) {
			link.release();
			return;
		}
		Exchange next = new Exchange(link, request, nowNanos);
		this.exchange = next;
		// not now: what the upstream has already sent on the link, or its end, comes
		// first
		link.eventLoop().execute(next::send);
	}

	@Override
	public void granted(Link granted) {
		take(granted, this.nanoTime.getAsLong());
	}

	@Override
	public void refused(NoLinkException reason) {
		Request request = this.current;
		if (request != null) {
			failed(request, Outcome.of(reason));
		}
	}

	@Override
	public void answered(Request request, byte[] reply, long nowNanos) {
		if (!this.loop.inEventLoop()) {
			this.loop.execute(() -> answered(request, reply, nowNanos));
			return;
		}
		if (request == this.current) {
			end();
			this.client.answer(request, reply, nowNanos);
			this.client.onLoop().resumeReading();
		}
		else {
			this.strays.late();
		}
	}

	@Override
	public void failed(Request request, Outcome outcome) {
		if (!this.loop.inEventLoop()) {
			this.loop.execute(() -> failed(request, outcome));
			return;
		}
		if (request == this.current) {
			end();
			this.client.fail(outcome);
			this.client.onLoop().resumeReading();
		}
	}

	@Override
	public void returned(Request request) {
		if (!this.loop.inEventLoop()) {
			this.loop.execute(() -> returned(request));
			return;
		}
		if (request != this.current) {
			return;
		}
		this.exchange = null;
		request.flush = -1;
		long now = this.nanoTime.getAsLong();
		long waited = now - request.receivedNanos();
		if (this.client.isGone()) {
			failed(request, Outcome.REFUSED);
		}
		else if (waited >= this.upstream.settings().links().acquireTimeout().toNanos()) {
			failed(request, Outcome.NO_LINK);
		}
		else {
			acquire(now);
		}
	}

	private void sent(Request request) {
		if (this.loop.inEventLoop()) {
			this.timer.arm(request.deadlineNanos);
		}
		else {
			this.loop.execute(() -> this.timer.arm(request.deadlineNanos));
		}
	}

	private void end() {
		this.current = null;
		this.exchange = null;
		if (this.client.isGone()) {
			this.timer.cancel();
		}
	}

	@Override
	public long owedUntilNanos() {
		return this.client.owedUntilNanos();
	}

	@Override
	public void left() {
		Request request = this.current;
		if (request != null && this.exchange == null) {
			this.upstream.cancel(this);
			failed(request, Outcome.REFUSED);
		}
		if (this.current == null) {
			this.timer.cancel();
		}
	}

	/** The timer is armed anew when it goes off, and not for each request. */
	private void expire() {
		Request request = this.current;
		Exchange under = this.exchange;
		if (request == null || under == null || request.flush < 0) {
			return;
		}
		if (this.nanoTime.getAsLong() - request.deadlineNanos < 0) {
			this.timer.arm(request.deadlineNanos);
			return;
		}
		under.timedOut();
		failed(request, Outcome.TIMED_OUT);
	}

	/**
	 * One request on one link. Belongs to the link's loop.
	 */
	private final class Exchange implements LinkUser {

		private final Link link;

		private final Request request;

		private final long sinceNanos;

		private boolean open = true;

		Exchange(Link link, Request request, long sinceNanos) {
			this.link = link;
			this.request = request;
			this.sinceNanos = sinceNanos;
		}

		void send() {
			this.link.use(this, /* retries= */ true);
			if (!this.open) {
				return;
			}
			try {
				this.request.flush = this.link.onLoop().offerNow(this.request.frame());
			}
			catch (FramingException ex) {
				this.open = false;
				this.link.release();
				ExclusiveLane.this.failed(this.request, Outcome.REFUSED);
				return;
			}
			this.request.deadlineNanos = this.sinceNanos + ExclusiveLane.this.replyTimeoutNanos;
			ExclusiveLane.this.sent(this.request);
		}

		@Override
		public void received(Link from, byte[] frame) {
			Numbers known = ExclusiveLane.this.numbers;
			if (!this.open || (known != null && !known.agree(this.request.frame(), frame))) {
				ExclusiveLane.this.strays.unmatched(this.link, frame);
				return;
			}
			this.open = false;
			if (ExclusiveLane.this.loop == this.link.eventLoop()) {
				ExclusiveLane.this.client.onLoop().flushWith(this.link.onLoop());
			}
			this.link.answered();
			// at the end of what is being read: more may be said on it
			this.link.eventLoop().execute(this.link::release);
			ExclusiveLane.this.answered(this.request, frame, this.link.onLoop().lastReadNanos());
		}

		@Override
		public void writable(Link writable) {
		}

		@Override
		public void lost(Link ended) {
			if (!this.open) {
				return;
			}
			this.open = false;
			if (this.link.onLoop().mayHaveLeft(this.request.flush)) {
				this.link.lostRequests(ExclusiveLane.this);
				ExclusiveLane.this.failed(this.request, Outcome.LINK_LOST);
			}
			else {
				ExclusiveLane.this.returned(this.request);
			}
		}

		/** Any thread. */
		void timedOut() {
			this.link.timedOut(ExclusiveLane.this);
			this.link.discard(Eviction.TIMED_OUT);
		}

	}

}
