package io.holdfast.upstream;

import java.util.Objects;

import io.holdfast.transport.Delivery;
import io.holdfast.transport.LoopSide;
import io.holdfast.transport.NettyTcpConnection;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

import org.springframework.integration.ip.tcp.connection.TcpConnection;
import org.springframework.integration.ip.tcp.connection.TcpListener;
import org.springframework.integration.ip.tcp.connection.TcpSender;
import org.springframework.messaging.Message;

/**
 * One pooled connection to an upstream. Lives on one event loop, where its user sends and
 * is called; what may be called elsewhere says so. Between two users it belongs to the
 * pool.
 */
public final class Link implements TcpListener, TcpSender {

	private final LinkPool pool;

	private final Endpoint endpoint;

	private final NettyTcpConnection connection;

	private volatile boolean retiring;

	private final Greeting greeting = new Greeting();

	private @Nullable LinkUser user;

	private boolean retries;

	private boolean ended;

	private volatile boolean outputEnded;

	private volatile boolean answered;

	/** Guarded by the pool's lock. */
	final Tenure tenure;

	Link(LinkPool pool, Endpoint endpoint, NettyTcpConnection connection, Tenure tenure) {
		this.pool = pool;
		this.endpoint = endpoint;
		this.connection = connection;
		this.tenure = tenure;
		onLoop().onWritable(this::becameWritable);
		onLoop().uncoupleInputFromOutput();
		connection.registerListener(this);
		connection.registerSender(this);
	}

	Endpoint endpoint() {
		return this.endpoint;
	}

	/**
	 * The connection underneath, for what the link does not offer itself.
	 */
	public NettyTcpConnection connection() {
		return this.connection;
	}

	/**
	 * Returns the view of the connection that is for the link's loop alone.
	 */
	public LoopSide onLoop() {
		return this.connection.onLoop();
	}

	/**
	 * Any thread: where the link lives.
	 */
	public EventLoop eventLoop() {
		return this.connection.eventLoop();
	}

	/**
	 * Any thread: whether the link leads to the same endpoint as another.
	 */
	public boolean hasEndpointOf(Link other) {
		return this.endpoint == other.endpoint;
	}

	/**
	 * Any thread: whether the link shall be given back as soon as nothing is in flight,
	 * because it is old or unwanted.
	 */
	public boolean isRetiring() {
		return this.retiring;
	}

	void retire() {
		this.retiring = true;
	}

	/** Undoes {@link #retire}. */
	void serveOn() {
		this.retiring = false;
	}

	/**
	 * Any thread.
	 */
	public boolean isOpen() {
		return this.connection.isOpen();
	}

	/**
	 * Any thread: whether the upstream takes what is sent to it.
	 */
	public boolean isWritable() {
		return this.connection.isWritable();
	}

	/**
	 * Hands what comes to a listener of Spring Integration's kind, on workers, until the
	 * link is given back. In place of {@link #use}.
	 */
	void lendTo(TcpListener listener) {
		forgetGreeting();
		this.connection.registerListener(listener);
		onLoop().deliverOn(Delivery.WORKERS);
	}

	/** Undoes {@link #lendTo}. */
	void takeBack() {
		this.connection.registerListener(this);
		onLoop().deliverOn(Delivery.EVENT_LOOP);
	}

	/**
	 * Any thread: whether nothing new shall be sent, because an operator has paused the
	 * upstream.
	 */
	public boolean isPaused() {
		return this.pool.isPaused();
	}

	/** Whether its end has come, though its user may not have been told yet. */
	boolean isEnding() {
		return !this.connection.isOpen() || this.connection.closeCause().isPresent();
	}

	/** Whether the upstream ended it, and not in answer to an end of ours. */
	boolean wasEndedByServer() {
		return this.connection.closeCause().isPresent() && !this.outputEnded;
	}

	/** Whether a frame was sent on it. */
	boolean hasSent() {
		return this.connection.traffic().framesOut() > 0;
	}

	/** Whether it has carried an answer. Of one that a client keeps, any frame is one. */
	boolean hasAnswered() {
		return this.answered || (this.tenure.kept && hasSent() && this.connection.traffic().framesIn() > 0);
	}

	/**
	 * On the link's loop: tells the upstream that nothing more comes. It still may send,
	 * and is expected to end the link then.
	 */
	public void endOutput() {
		this.outputEnded = true;
		this.connection.shutdownOutput();
	}

	/**
	 * Whether it may be lent: open, and nothing has come that nobody asked for.
	 * @param toKeeper whether to a borrower that keeps it, to whom a greeting is due
	 */
	boolean isClean(boolean toKeeper) {
		return !isEnding() && ((toKeeper && keepsGreeting()) || !onLoop().hasUnread());
	}

	private boolean keepsGreeting() {
		return !this.greeting.isOver() && this.pool.unheld().keepsGreetings();
	}

	/**
	 * Takes the link into use. A borrower that keeps it is told at once what the server
	 * has said before. A link that has ended meanwhile is lost at once.
	 * @param holder told of everything until the link is given back
	 * @param retries whether frames that were not sent when the link ends are tried
	 * elsewhere, and must then not be sent here
	 */
	public void use(LinkUser holder, boolean retries) {
		// one that ends while the greeting is told tells its user of that
		boolean endedBefore = this.ended;
		this.user = holder;
		retry(retries);
		if (this.tenure.kept) {
			this.greeting.end((frame) -> holder.received(this, frame));
		}
		forgetGreeting();
		if (endedBefore) {
			this.user = null;
			holder.lost(this);
		}
	}

	private void retry(boolean retry) {
		this.retries = retry;
		onLoop().discardUnsent(retry);
	}

	/**
	 * Gives the link back, any thread. Nothing may be in flight.
	 */
	public void release() {
		if (!eventLoop().inEventLoop()) {
			eventLoop().execute(this::release);
			return;
		}
		this.user = null;
		if (this.ended) {
			forgetGreeting();
		}
		// whoever has it next may send what nobody tries elsewhere
		retry(false);
		this.pool.release(this);
	}

	/**
	 * Has the link closed, any thread, because it cannot be used again. Its user learns
	 * of it as of any loss.
	 */
	public void discard(Eviction reason) {
		this.pool.discard(this, reason);
	}

	/**
	 * Any thread: a request has had no reply in time, which speaks against the endpoint.
	 * @param client whose request it was; kept by nobody
	 */
	public void timedOut(Object client) {
		this.pool.failed(this.endpoint, client, /* timedOut= */ true);
	}

	/**
	 * The upstream is silent: the link is given up, which speaks against the endpoint.
	 */
	void missedHeartbeats() {
		this.pool.failed(this.endpoint, this, /* timedOut= */ true);
		this.pool.discard(this, Eviction.HEARTBEAT_MISSED);
	}

	/**
	 * Any thread: the link has ended and requests with it, which speaks against the
	 * endpoint.
	 * @param client whose request was the first of them; kept by nobody
	 */
	public void lostRequests(Object client) {
		this.pool.failed(this.endpoint, client, /* timedOut= */ false);
	}

	/**
	 * Any thread: closes a link that was one client's, and counts as no eviction.
	 */
	public void close() {
		this.connection.close();
	}

	/**
	 * Any thread: the upstream has answered, which speaks for its endpoint.
	 */
	public void answered() {
		this.endpoint.tally().answered();
		if (!this.answered || this.endpoint.isSuspect()) {
			this.answered = true;
			this.pool.answered(this);
		}
	}

	private void becameWritable() {
		LinkUser holder = this.user;
		if (holder != null) {
			holder.writable(this);
		}
	}

	@Override
	public void onMessage(Message<?> message) {
		if (message.getPayload() instanceof byte[] frame) {
			LinkUser holder = this.user;
			if (holder != null) {
				holder.received(this, frame);
			}
			else if (!keepsGreeting()) {
				this.pool.unheld().received(this, frame);
			}
			else if (!this.greeting.add(frame)) {
				// without a part of what was said, nobody can use it
				forgetGreeting();
				this.pool.unheld().received(this, frame);
				this.pool.discard(this, Eviction.UNREAD);
			}
		}
	}

	/** Keeps no greeting any more; what nobody was told of it is unsolicited. */
	private void forgetGreeting() {
		this.greeting.end((frame) -> this.pool.unheld().received(this, frame));
	}

	@Override
	public void addNewConnection(TcpConnection added) {
	}

	@Override
	public void removeDeadConnection(TcpConnection dead) {
		if (!eventLoop().inEventLoop()) {
			eventLoop().execute(() -> removeDeadConnection(dead));
		}
		else if (this.retries) {
			// not before is it known which frames have left
			this.connection.whenGone(this::end);
		}
		else {
			end();
		}
	}

	private void end() {
		if (this.ended) {
			return;
		}
		this.ended = true;
		if (!this.pool.ended(this)) {
			forgetGreeting();
		}
		LinkUser holder = this.user;
		this.user = null;
		if (holder != null) {
			holder.lost(this);
		}
	}

	@Override
	public String toString() {
		return Objects.toString(this.endpoint);
	}

	/** A link's place in the pool. */
	static final class Tenure {

		final long openedNanos;

		final long expiresNanos;

		final int generation;

		long sinceNanos;

		boolean lent;

		/** Lent to a borrower that keeps it. */
		boolean kept;

		/** Why it was closed here, null if it was not. */
		@Nullable Eviction evicted;

		boolean closed;

		/** Why it goes when it is given back, null if it does not. */
		@Nullable Eviction retiredFor;

		Tenure(long openedNanos, long expiresNanos, int generation) {
			this.openedNanos = openedNanos;
			this.expiresNanos = expiresNanos;
			this.generation = generation;
		}

	}

}
