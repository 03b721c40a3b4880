package io.holdfast.route;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

import io.holdfast.framing.FramingException;
import io.holdfast.upstream.Eviction;
import io.holdfast.upstream.Link;
import io.holdfast.upstream.LinkUser;
import org.jspecify.annotations.Nullable;

/**
 * A link with requests of many clients in flight. Belongs to the link's loop, but for
 * places, which are reserved from any loop before a request is handed over.
 * <p>
 * Each request holds its place until its reply comes or the link ends, also after its
 * time is over: the upstream still works on it. A link that owes a reply to nobody any
 * more is given back to the pool. Where replies are told apart by their order alone, the
 * link is closed as soon as one is overdue, since the next reply could be that one.
 * <p>
 * A link on which something fails that should not is closed, so that its loss gives an
 * outcome to all that is in flight on it.
 */
final class SharedLink implements LinkUser {

	private static final int CLOSED = Integer.MIN_VALUE / 2;

	private final SharedLinks links;

	private final Link link;

	private final Matching matching;

	private final int maxPending;

	private final AtomicInteger places;

	private final LoopTimer timer;

	/** Clients that must not go elsewhere, since they have frames in flight here. */
	private final Queue<SharedLane> bound = new ArrayDeque<>();

	/** In flight and still wanted. */
	private final InFlight inFlight = new InFlight();

	/** Without a reply to wait for, and not yet taken by the kernel. */
	private final Queue<Request> leaving = new ArrayDeque<>(2);

	private int abandoned;

	private boolean tidying;

	/** Whether the link is being closed, so that what comes on it answers nobody. */
	private boolean discarded;

	private volatile boolean lost;

	/** Whether it gives no place any more. */
	private volatile boolean drained;

	/** A link with one place reserved, for whom it was acquired. */
	SharedLink(SharedLinks links, Link link, Matching matching, int maxPending) {
		this.links = links;
		this.link = link;
		this.matching = matching;
		this.maxPending = maxPending;
		this.places = new AtomicInteger(1);
		this.timer = new LoopTimer(link.eventLoop(), links::nanoTime, this::expire);
	}

	Link link() {
		return this.link;
	}

	/** Any thread. */
	boolean isLost() {
		return this.lost;
	}

	/** Any thread: requests in flight. */
	int pending() {
		return Math.max(0, this.places.get());
	}

	/**
	 * Any thread: takes a place for one request, if there is one and the link may be used
	 * for more. Followed by {@link #send} or {@link #leave}.
	 */
	boolean reserve() {
		if (this.drained || this.link.isRetiring() || this.link.isPaused() || !this.link.isWritable()
				|| !this.link.isOpen()) {
			return false;
		}
		int place = this.places.incrementAndGet();
		if (place > 0 && place <= this.maxPending) {
			return true;
		}
		this.places.decrementAndGet();
		return false;
	}

	/** Any thread: gives a reserved place back. */
	void leave() {
		this.places.decrementAndGet();
		this.link.onLoop().run(this::placeFreed);
	}

	/** The link is in use from now on. */
	void begin() {
		this.link.use(this, /* retries= */ true);
		if (this.links.hasOneWay() && !this.lost) {
			this.link.onLoop().onFlushed((frames) -> flushed());
		}
	}

	/** Any thread: sends a request that has a place. Never throws. */
	void send(Request request) {
		if (this.link.eventLoop().inEventLoop()) {
			sendNow(request);
			return;
		}
		try {
			this.link.eventLoop().execute(() -> sendNow(request));
		}
		catch (RejectedExecutionException ex) {
			// the loop has ended, and the link with it
			request.requester().failed(request, Outcome.NO_LINK);
		}
	}

	private void sendNow(Request request) {
		if (this.lost || this.discarded) {
			this.places.decrementAndGet();
			request.requester().returned(request);
			return;
		}
		if (request.isOneWay()) {
			sendOneWay(request);
			return;
		}
		if (!this.links.fits(request)) {
			giveUp(request);
			return;
		}
		boolean offered = false;
		this.matching.sending(request);
		try {
			request.flush = this.link.onLoop().offer(request.frame());
			offered = true;
		}
		catch (FramingException ex) {
			// it does not fit the upstream's protocol
		}
		catch (RuntimeException | OutOfMemoryError ex) {
			fail("sent a frame to an upstream", ex);
		}
		if (!offered) {
			this.matching.notSent(request);
			giveUp(request);
			return;
		}
		this.inFlight.append(request);
		request.deadlineNanos = this.links.nanoTime() + this.links.replyTimeoutNanos();
		this.timer.arm(request.deadlineNanos);
	}

	private void giveUp(Request request) {
		this.places.decrementAndGet();
		request.requester().failed(request, Outcome.REFUSED);
		placeFreed();
	}

	/** Any thread: lets a client with frames in flight here know when there is room. */
	void await(SharedLane lane) {
		this.link.onLoop().run(() -> {
			this.bound.add(lane);
			placeFreed();
		});
	}

	@Override
	public void received(Link from, byte[] frame) {
		if (this.discarded) {
			this.links.late();
			return;
		}
		Request request = this.matching.answered(frame);
		if (request == null) {
			this.links.unmatched(this.link, frame);
			return;
		}
		if (request.abandoned) {
			this.abandoned--;
			this.links.late();
		}
		else {
			this.inFlight.remove(request);
			request.requester().answered(request, frame, this.link.onLoop().lastReadNanos());
		}
		this.places.decrementAndGet();
		placeFreed();
		this.link.answered();
	}

	@Override
	public void writable(Link writable) {
		placeFreed();
	}

	private void placeFreed() {
		while (!this.bound.isEmpty() && reserve()) {
			this.bound.remove().offered(this);
		}
		this.links.serve(this);
		if (this.places.get() == this.abandoned && !this.tidying) {
			// at the end of what is being read: more may be said on it, or asked of it
			this.tidying = true;
			this.link.eventLoop().execute(this::tidy);
		}
	}

	/** Gives a link back that nothing is in flight on. */
	private void tidy() {
		this.tidying = false;
		if (this.lost || this.places.get() > this.abandoned) {
			return;
		}
		if (this.abandoned > 0) {
			if (this.link.isRetiring() || this.drained) {
				this.link.discard(Eviction.TIMED_OUT);
			}
			return;
		}
		if (this.places.compareAndSet(0, CLOSED)) {
			end();
			releaseBound();
			this.link.onLoop().onFlushed(null);
			this.link.release();
		}
	}

	private void end() {
		this.lost = true;
		this.timer.cancel();
		this.links.remove(this);
	}

	/** Who was bound here has nothing in flight any more, or soon learns so. */
	private void releaseBound() {
		List<SharedLane> released = List.copyOf(this.bound);
		this.bound.clear();
		released.forEach(SharedLane::unbound);
	}

	@Override
	public void lost(Link ended) {
		this.places.set(CLOSED);
		end();
		Requester loser = null;
		Request request;
		while ((request = this.inFlight.poll()) != null) {
			if (this.link.onLoop().mayHaveLeft(request.flush)) {
				loser = (loser != null) ? loser : request.requester();
				request.requester().failed(request, Outcome.LINK_LOST);
			}
			else {
				this.matching.notSent(request);
				request.requester().returned(request);
			}
		}
		Requester oneWayLoser = loseLeaving();
		loser = (loser != null) ? loser : oneWayLoser;
		if (loser != null && !this.discarded) {
			this.link.lostRequests(loser);
		}
		releaseBound();
	}

	// requests that have no reply

	private void sendOneWay(Request request) {
		try {
			request.flush = this.link.onLoop().offer(request.frame());
		}
		catch (FramingException ex) {
			// it does not fit the upstream's protocol
			giveUp(request);
			return;
		}
		catch (RuntimeException | OutOfMemoryError ex) {
			fail("sent a frame to an upstream", ex);
			giveUp(request);
			return;
		}
		this.leaving.add(request);
	}

	/** The kernel has taken some of what was sent. */
	private void flushed() {
		boolean any = false;
		Request first;
		while ((first = this.leaving.peek()) != null && this.link.onLoop().hasLeft(first.flush)) {
			this.leaving.remove();
			this.places.decrementAndGet();
			any = true;
			first.requester().written(first);
		}
		if (any) {
			placeFreed();
		}
	}

	/** Returns whose request was the first that may have left; null if none may. */
	private @Nullable Requester loseLeaving() {
		Requester loser = null;
		Request request;
		while ((request = this.leaving.poll()) != null) {
			if (this.link.onLoop().hasLeft(request.flush)) {
				request.requester().written(request);
			}
			else if (this.link.onLoop().mayHaveLeft(request.flush)) {
				loser = (loser != null) ? loser : request.requester();
				request.requester().failed(request, Outcome.LINK_LOST);
			}
			else {
				request.requester().returned(request);
			}
		}
		return loser;
	}

	// what goes wrong

	private void expire() {
		long now = this.links.nanoTime();
		Request first = this.inFlight.earliest();
		if (first != null && now - first.deadlineNanos >= 0) {
			this.link.timedOut(first.requester());
			if (!this.matching.survivesMissingReply()) {
				// before any client is told, which may send its next frame at once
				discard(Eviction.TIMED_OUT);
			}
			abandonOverdue(now);
			placeFreed();
		}
		Request next = this.inFlight.earliest();
		if (next != null) {
			this.timer.arm(next.deadlineNanos);
		}
	}

	private void abandonOverdue(long now) {
		boolean silent = false;
		Request request = this.inFlight.earliest();
		while (request != null && now - request.deadlineNanos >= 0) {
			this.inFlight.remove(request);
			request.abandoned = true;
			this.abandoned++;
			long sentNanos = request.deadlineNanos - this.links.replyTimeoutNanos();
			silent |= this.link.onLoop().lastReadNanos() - sentNanos < 0;
			request.requester().failed(request, Outcome.TIMED_OUT);
			request = this.inFlight.earliest();
		}
		if (silent || this.abandoned > this.maxPending / 2) {
			this.drained = true;
		}
	}

	/** Closes the link. What is in flight on it fails as soon as it has ended. */
	private void discard(Eviction reason) {
		this.discarded = true;
		this.drained = true;
		this.link.discard(reason);
	}

	private void fail(String what, Throwable failure) {
		this.links.faults().tell(what, failure);
		discard(Eviction.UNREAD);
	}

}
