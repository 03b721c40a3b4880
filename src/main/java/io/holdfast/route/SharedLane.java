package io.holdfast.route;

import java.util.ArrayDeque;
import java.util.Deque;

import io.holdfast.upstream.Borrower;
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
 * gone. So one frame is parked at most, but for those that come back from a lost link.
 */
final class SharedLane implements Lane, Requester, Borrower {

	private final Client client;

	private final SharedLinks links;

	private final Upstream upstream;

	private final EventLoop loop;

	private final Deque<Request> parked = new ArrayDeque<>(2);

	private @Nullable SharedLink link;

	private int inFlight;

	/** Its link tells when there is room. */
	private boolean bound;

	/** The pool and the other shared links tell when there is room. */
	private boolean waiting;

	private boolean paused;

	SharedLane(Client client, SharedLinks links, Upstream upstream) {
		this.client = client;
		this.links = links;
		this.upstream = upstream;
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
	public void opened() {
	}

	@Override
	public void received(byte[] frame) {
		Request request = this.client.request(this, frame);
		if (this.parked.isEmpty()) {
			SharedLink target = readyPlace();
			if (target != null) {
				launch(target, request);
				return;
			}
		}
		park(request);
		sendParked();
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
		resume();
	}

	private void resume() {
		if (this.paused && this.parked.isEmpty()) {
			this.paused = false;
			this.client.onLoop().resumeReading();
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
			this.loop.execute(() -> offered(offer));
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
			this.loop.execute(this::unbound);
			return;
		}
		this.bound = false;
		if (this.inFlight == 0) {
			sendParked();
		}
	}

	@Override
	public void granted(Link granted) {
		if (this.waiting) {
			offered(this.links.adopt(granted));
		}
		else {
			granted.release();
		}
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
		while (this.parked.poll() != null) {
			this.client.fail(outcome);
		}
	}

	@Override
	public void answered(Request request, byte[] reply, long nowNanos) {
		if (!this.loop.inEventLoop()) {
			this.loop.execute(() -> answered(request, reply, nowNanos));
			return;
		}
		this.client.answer(request, reply, nowNanos);
		settled();
	}

	@Override
	public void failed(Request request, Outcome outcome) {
		if (!this.loop.inEventLoop()) {
			this.loop.execute(() -> failed(request, outcome));
			return;
		}
		this.client.fail(outcome);
		settled();
	}

	@Override
	public void returned(Request request) {
		if (!this.loop.inEventLoop()) {
			this.loop.execute(() -> returned(request));
			return;
		}
		if (this.client.isGone() || this.links.isOverdue(request)) {
			this.client.fail(this.client.isGone() ? Outcome.REFUSED : Outcome.NO_LINK);
		}
		else {
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
