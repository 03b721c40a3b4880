package io.holdfast.route;

import java.util.ArrayDeque;
import java.util.Deque;

import io.holdfast.upstream.Borrower;
import io.holdfast.upstream.Eviction;
import io.holdfast.upstream.Link;
import io.holdfast.upstream.NoLinkException;
import io.holdfast.upstream.Upstream;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/**
 * The way of a client whose frames share links with those of others. As long as it has
 * frames in flight it stays on their link, so that they reach the upstream in order; with
 * none it may go anywhere.
 * <p>
 * A frame that cannot be sent at once is parked, and the client is not read until it is
 * gone. So one frame is parked at most, but for those that come back from a lost link. A
 * request belongs either to this lane, which may have it parked, or to the link that it
 * was launched on; whoever it belongs to sees to it that it has an outcome.
 */
final class SharedLane implements Lane, Requester, Borrower {

	private final Client client;

	private final SharedLinks links;

	private final Upstream upstream;

	private final RelayContext context;

	private final EventLoop loop;

	private final Deque<Request> parked = new ArrayDeque<>(2);

	private @Nullable SharedLink link;

	private int inFlight;

	/** Its link tells when there is room. */
	private boolean bound;

	/** The pool and the other shared links tell when there is room. */
	private boolean waiting;

	private boolean paused;

	SharedLane(Client client, SharedLinks links, Upstream upstream, RelayContext context) {
		this.client = client;
		this.links = links;
		this.upstream = upstream;
		this.context = context;
		this.loop = client.connection().eventLoop();
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
		Request head = this.parked.peek();
		return (head != null) ? head.waitsUntil(latestNanos) : latestNanos;
	}

	@Override
	public void opened() {
	}

	@Override
	public void received(byte[] frame) {
		Request request = this.client.request(this, frame);
		if (this.parked.isEmpty()) {
			SharedLink target = readyPlaceOrNone();
			if (target != null) {
				launch(target, request);
				return;
			}
		}
		park(request);
		sendParked();
	}

	/** A place at once, or none; none too if finding one failed. */
	private @Nullable SharedLink readyPlaceOrNone() {
		try {
			return readyPlace();
		}
		catch (RuntimeException | OutOfMemoryError ex) {
			this.context.faults().tell("looked for a link for a frame", ex);
			return null;
		}
	}

	private void park(Request request) {
		Request last = this.parked.peekLast();
		if (last == null || last.order() < request.order()) {
			this.parked.add(request);
		}
		else {
			// back from a lost link, before what came later
			Request head = this.parked.removeLast();
			park(request);
			this.parked.add(head);
		}
		if (!this.paused) {
			this.paused = true;
			this.client.onLoop().pauseReading();
		}
	}

	private void launch(SharedLink target, Request request) {
		this.link = target;
		this.inFlight++;
		target.send(request);
	}

	private void sendParked() {
		try {
			while (!this.parked.isEmpty()) {
				SharedLink target = place();
				if (target == null) {
					return;
				}
				Request head = this.parked.poll();
				if (head == null) {
					target.leave();
					return;
				}
				launch(target, head);
			}
		}
		catch (RuntimeException | OutOfMemoryError ex) {
			giveUp(ex);
		}
		resume();
	}

	/** Fails what is parked, since nobody may come back to it. */
	private void giveUp(Throwable failure) {
		this.context.faults().tell("looked for a link for a frame", failure);
		stopWaiting();
		failParked(Outcome.NO_LINK);
	}

	private void resume() {
		if (this.paused && this.parked.isEmpty()) {
			this.paused = false;
			this.client.resumeReading();
		}
	}

	private @Nullable SharedLink readyPlace() {
		SharedLink current = this.link;
		if (this.inFlight > 0 && current != null) {
			return current.reserve() ? current : null;
		}
		return this.waiting ? null : this.links.choose(this.loop);
	}

	/**
	 * A place for one request, or none, and then {@link #offered} or the like follows.
	 */
	private @Nullable SharedLink place() {
		SharedLink ready = readyPlace();
		if (ready != null) {
			return ready;
		}
		SharedLink current = this.link;
		if (this.inFlight > 0 && current != null) {
			if (!this.bound) {
				this.bound = true;
				current.await(this);
			}
			return null;
		}
		return this.waiting ? null : acquire();
	}

	private @Nullable SharedLink acquire() {
		Link idle = this.upstream.acquire(this);
		if (idle != null) {
			return this.links.adopt(idle);
		}
		SharedLink elsewhere = this.links.chooseElsewhere();
		if (elsewhere != null) {
			this.upstream.cancel(this);
			return elsewhere;
		}
		this.waiting = true;
		this.links.await(this);
		return null;
	}

	private void stopWaiting() {
		if (this.waiting) {
			this.waiting = false;
			this.links.cancel(this);
			this.upstream.cancel(this);
		}
	}

	/** Any thread: a place was reserved for this lane. */
	void offered(SharedLink offer) {
		if (!this.loop.inEventLoop()) {
			if (!this.client.onLoop().run(() -> offered(offer))) {
				offer.leave();
			}
			return;
		}
		stopWaiting();
		if (offer == this.link) {
			this.bound = false;
		}
		if (this.parked.isEmpty() || (this.inFlight > 0 && offer != this.link)) {
			offer.leave();
			return;
		}
		launch(offer, this.parked.remove());
		sendParked();
	}

	/** Any thread: the link does not tell any more. */
	void unbound() {
		if (!this.loop.inEventLoop()) {
			this.client.onLoop().run(this::unbound);
			return;
		}
		this.bound = false;
		if (this.inFlight == 0) {
			sendParked();
		}
	}

	@Override
	public void granted(Link granted) {
		if (!this.waiting) {
			granted.release();
			return;
		}
		SharedLink shared;
		try {
			shared = this.links.adopt(granted);
		}
		catch (RuntimeException | OutOfMemoryError ex) {
			granted.discard(Eviction.UNREAD);
			giveUp(ex);
			resume();
			return;
		}
		offered(shared);
	}

	@Override
	public void refused(NoLinkException reason) {
		if (!this.waiting) {
			return;
		}
		stopWaiting();
		failParked(Outcome.of(reason));
		resume();
	}

	private void failParked(Outcome outcome) {
		// a failure may close the client, which comes back here
		Request request;
		while ((request = this.parked.poll()) != null) {
			this.client.fail(request, outcome);
		}
	}

	@Override
	public void answered(Request request, byte[] reply, long nowNanos) {
		if (!this.loop.inEventLoop()) {
			if (!this.client.onLoop().run(() -> answered(request, reply, nowNanos))) {
				this.context.outcomes().count(Outcome.RELAYED);
				this.context.outcomes().count(Outcome.UNMATCHED_REPLY);
			}
			return;
		}
		this.client.answer(request, reply, nowNanos);
		settled();
	}

	@Override
	public void written(Request request) {
		if (!this.loop.inEventLoop()) {
			if (!this.client.onLoop().run(() -> written(request))) {
				this.context.outcomes().count(Outcome.RELAYED);
			}
			return;
		}
		this.client.written(request);
		settled();
	}

	@Override
	public void failed(Request request, Outcome outcome) {
		if (!this.loop.inEventLoop()) {
			if (!this.client.onLoop().run(() -> failed(request, outcome))) {
				this.context.outcomes().count(outcome);
			}
			return;
		}
		this.client.fail(request, outcome);
		settled();
	}

	@Override
	public void returned(Request request) {
		if (!this.loop.inEventLoop()) {
			if (!this.client.onLoop().run(() -> returned(request))) {
				this.context.outcomes().count(Outcome.REFUSED);
			}
			return;
		}
		request.flush = -1;
		if (this.client.isGone()) {
			this.client.fail(request, Outcome.REFUSED);
		}
		else {
			// with what is left of its time: the pool knows whether that counts now
			request.waitsUntil(request.receivedNanos() + this.links.acquireTimeoutNanos());
			park(request);
		}
		settled();
	}

	private void settled() {
		this.inFlight--;
		if (this.inFlight == 0) {
			this.link = null;
			this.bound = false;
			sendParked();
		}
	}

	@Override
	public long owedUntilNanos() {
		return this.client.owedUntilNanos();
	}

	@Override
	public void left() {
		stopWaiting();
		failParked(Outcome.REFUSED);
	}

}
