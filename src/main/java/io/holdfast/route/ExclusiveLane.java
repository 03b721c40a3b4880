package io.holdfast.route;

import java.util.concurrent.RejectedExecutionException;

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

	private final RelayContext context;

	private final EventLoop loop;

	private final LoopTimer timer;

	/** Under way, with or without a link. */
	private @Nullable Request current;

	private @Nullable Exchange exchange;

	/** When the reply to the current request is overdue, once it has been sent. */
	private long deadlineNanos;

	private boolean sent;

	ExclusiveLane(Client client, Upstream upstream, Strays strays, @Nullable Numbers numbers, long replyTimeoutNanos,
			RelayContext context) {
		this.client = client;
		this.upstream = upstream;
		this.strays = strays;
		this.numbers = numbers;
		this.replyTimeoutNanos = replyTimeoutNanos;
		this.context = context;
		this.loop = client.connection().eventLoop();
		this.timer = new LoopTimer(this.loop, context::nanoTime, this::expire);
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
	public long deadlineNanos(long latestNanos) {
		Request request = this.current;
		return (request != null) ? request.waitsUntil(latestNanos) : latestNanos;
	}

	@Override
	public void opened() {
	}

	@Override
	public void received(byte[] frame) {
		Request request = this.client.request(this, frame);
		if (this.current != null) {
			// only at the end of the connection does a client that is not read get here
			this.client.fail(request, Outcome.REFUSED);
			return;
		}
		this.current = request;
		this.sent = false;
		this.client.onLoop().pauseReading();
		acquire(request.receivedNanos());
	}

	private void acquire(long nowNanos) {
		try {
			Link link = this.upstream.acquire(this);
			if (link != null) {
				take(link, nowNanos);
			}
		}
		catch (RuntimeException | OutOfMemoryError ex) {
			this.context.faults().tell("looked for a link for a frame", ex);
			this.upstream.cancel(this);
			refuse(Outcome.NO_LINK);
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
		try {
			// not now: what the upstream has already sent on the link, or its end, comes
			// first
			link.eventLoop().execute(next::send);
		}
		catch (RejectedExecutionException ex) {
			// the loop has ended, and the link with it
			refuse(Outcome.NO_LINK);
		}
	}

	@Override
	public void granted(Link granted) {
		take(granted, this.context.nanoTime());
	}

	@Override
	public void refused(NoLinkException reason) {
		refuse(Outcome.of(reason));
	}

	private void refuse(Outcome outcome) {
		Request request = this.current;
		if (request != null) {
			failed(request, outcome);
		}
	}

	@Override
	public void answered(Request request, byte[] reply, long nowNanos) {
		if (!this.loop.inEventLoop()) {
			if (!this.client.onLoop().run(() -> answered(request, reply, nowNanos))) {
				this.context.outcomes().count(Outcome.RELAYED);
				this.strays.late();
			}
			return;
		}
		if (request == this.current) {
			end();
			this.client.answer(request, reply, nowNanos);
			this.client.resumeReading();
		}
		else {
			this.strays.late();
		}
	}

	@Override
	public void written(Request request) {
		if (!this.loop.inEventLoop()) {
			if (!this.client.onLoop().run(() -> written(request))) {
				this.context.outcomes().count(Outcome.RELAYED);
			}
			return;
		}
		if (request == this.current) {
			end();
			this.client.written(request);
			this.client.resumeReading();
		}
	}

	@Override
	public void failed(Request request, Outcome outcome) {
		if (!this.loop.inEventLoop()) {
			if (!this.client.onLoop().run(() -> failed(request, outcome))) {
				this.context.outcomes().count(outcome);
			}
			return;
		}
		if (request == this.current) {
			end();
			this.client.fail(request, outcome);
			this.client.resumeReading();
		}
	}

	@Override
	public void returned(Request request) {
		if (!this.loop.inEventLoop()) {
			if (!this.client.onLoop().run(() -> returned(request))) {
				this.context.outcomes().count(Outcome.REFUSED);
			}
			return;
		}
		if (request != this.current) {
			return;
		}
		this.exchange = null;
		this.sent = false;
		request.flush = -1;
		if (this.client.isGone()) {
			failed(request, Outcome.REFUSED);
		}
		else {
			// with what is left of its time: the pool knows whether that counts now
			request.waitsUntil(request.receivedNanos() + this.upstream.settings().links().acquireTimeout().toNanos());
			acquire(this.context.nanoTime());
		}
	}

	private void sent(Request request, long deadline) {
		if (!this.loop.inEventLoop()) {
			this.client.onLoop().run(() -> sent(request, deadline));
		}
		else if (request == this.current) {
			this.sent = true;
			this.deadlineNanos = deadline;
			this.timer.arm(deadline);
		}
	}

	private void end() {
		this.current = null;
		this.exchange = null;
		this.sent = false;
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
		if (request == null || under == null || !this.sent) {
			return;
		}
		if (this.context.nanoTime() - this.deadlineNanos < 0) {
			this.timer.arm(this.deadlineNanos);
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

		/** Whether the client was told that the time is over. */
		private volatile boolean overdue;

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
				// it does not fit the upstream's protocol
				this.open = false;
				this.link.release();
				ExclusiveLane.this.failed(this.request, Outcome.REFUSED);
				return;
			}
			catch (RuntimeException | OutOfMemoryError ex) {
				ExclusiveLane.this.context.faults().tell("sent a frame to an upstream", ex);
				this.open = false;
				this.link.discard(Eviction.UNREAD);
				ExclusiveLane.this.failed(this.request, Outcome.REFUSED);
				return;
			}
			if (this.request.isOneWay()) {
				awaitWritten();
			}
			else {
				ExclusiveLane.this.sent(this.request, this.sinceNanos + ExclusiveLane.this.replyTimeoutNanos);
			}
		}

		/** Gives the link back as soon as the kernel has taken the frame. */
		private void awaitWritten() {
			if (this.link.onLoop().hasLeft(this.request.flush)) {
				written();
			}
			else {
				this.link.onLoop().onFlushed((frames) -> {
					if (this.open && this.link.onLoop().hasLeft(this.request.flush)) {
						written();
					}
				});
			}
		}

		private void written() {
			close();
			this.link.onLoop().onFlushed(null);
			ExclusiveLane.this.written(this.request);
		}

		/** Gives the link back. */
		private void close() {
			this.open = false;
			// at the end of what is being read: more may be said on it
			this.link.eventLoop().execute(this.link::release);
		}

		@Override
		public void received(Link from, byte[] frame) {
			Numbers known = ExclusiveLane.this.numbers;
			if (!this.open || (known != null && !known.agree(this.request.frame(), frame))) {
				ExclusiveLane.this.strays.unmatched(this.link, frame);
				return;
			}
			close();
			if (ExclusiveLane.this.loop == this.link.eventLoop()) {
				ExclusiveLane.this.client.onLoop().flushWith(this.link.onLoop());
			}
			ExclusiveLane.this.answered(this.request, frame, this.link.onLoop().lastReadNanos());
			this.link.answered();
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
			if (this.request.isOneWay() && this.link.onLoop().hasLeft(this.request.flush)) {
				ExclusiveLane.this.written(this.request);
			}
			else if (this.link.onLoop().mayHaveLeft(this.request.flush)) {
				ExclusiveLane.this.failed(this.request, Outcome.LINK_LOST);
				if (!this.overdue) {
					this.link.lostRequests(ExclusiveLane.this);
				}
			}
			else {
				ExclusiveLane.this.returned(this.request);
			}
		}

		/** Any thread. */
		void timedOut() {
			this.overdue = true;
			this.link.timedOut(ExclusiveLane.this);
			this.link.discard(Eviction.TIMED_OUT);
		}

	}

}
