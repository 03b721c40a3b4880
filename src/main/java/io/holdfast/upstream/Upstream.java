package io.holdfast.upstream;

import java.util.Collection;
import java.util.List;

import io.holdfast.liveness.Liveness;
import io.holdfast.transport.EventLoops;
import io.holdfast.transport.NettyClientConnectionFactory;
import io.holdfast.transport.TrafficTotals;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.context.SmartLifecycle;

/**
 * A named group of servers and the pooled links to them. Any thread may call; nothing
 * here blocks. Starts before the listeners and stops after them, and does not wait for
 * the servers: links come when they are asked for, or when the pool is warmed up.
 */
public final class Upstream implements SmartLifecycle {

	private static final Logger logger = LoggerFactory.getLogger(Upstream.class);

	private static final int BEFORE_ROUTES = DEFAULT_PHASE - 2;

	private final String name;

	private final UpstreamSettings settings;

	private final NettyClientConnectionFactory factory;

	private final Endpoints endpoints;

	private final LinkPool pool;

	private final List<NameRefresh> refreshes;

	private final Unheld unheld = new Unheld();

	private volatile boolean running;

	/**
	 * An upstream that opens no link before it is started.
	 * @param name as in the settings
	 * @param settings its settings
	 * @param factory opens the links, with framing and limits set; started and stopped
	 * here
	 * @param loops where the links live
	 * @param names looks up the names of endpoints
	 * @param liveness watches the links
	 */
	public Upstream(String name, UpstreamSettings settings, NettyClientConnectionFactory factory, EventLoops loops,
			NameLookup names, Liveness liveness) {
		this.name = name;
		this.settings = settings;
		this.factory = factory;
		this.endpoints = new Endpoints(settings.addresses(), settings.balance());
		this.pool = new LinkPool(name, settings.links(), loops, new LinkOpener(factory, names, settings, liveness),
				this.endpoints, new Condition(name, settings, this.endpoints), this.unheld);
		this.refreshes = NameRefresh.among(settings.addresses())
			.stream()
			.map((each) -> new NameRefresh(each, names, settings.dns(), loops.preferred(), this.pool::resolved))
			.toList();
	}

	public String name() {
		return this.name;
	}

	public UpstreamSettings settings() {
		return this.settings;
	}

	/**
	 * Borrows a link. An idle one is lent at once and must be {@linkplain Link#use taken
	 * into use} on its loop; else the borrower waits in the order of arrival, for the
	 * acquire timeout at most, and is called on its loop.
	 * @return null if the borrower will be called
	 */
	public @Nullable Link acquire(Borrower borrower) {
		return this.pool.acquire(borrower);
	}

	/**
	 * Borrows an idle link of a loop, to an endpoint that the links held so far do not
	 * lead to. Waits for nothing: without one it has one opened, where that is allowed,
	 * and returns null.
	 */
	public @Nullable Link acquireBeside(EventLoop loop, Collection<Link> held) {
		return this.pool.acquireBeside(loop, held);
	}

	/**
	 * Waits no longer. A link that is under way already is still granted.
	 */
	public void cancel(Borrower borrower) {
		this.pool.cancel(borrower);
	}

	/**
	 * How many endpoints there are now; names count for each of their addresses.
	 */
	public int endpointCount() {
		return this.pool.endpointCount();
	}

	/**
	 * Adds a taker of frames that come on links which nobody holds. All takers get all.
	 */
	public void receive(Unsolicited receiver) {
		this.unheld.add(receiver);
	}

	/**
	 * Keeps what a server says on a link that nobody has held yet for a borrower that
	 * {@linkplain Borrower#keepsLink() keeps} the link, where it was unsolicited before.
	 * For servers that speak first. Bounded; a link with more is closed.
	 */
	public void keepGreetings() {
		this.unheld.keepGreetings();
	}

	/**
	 * Tells an observer how long things take, from now on, in place of any before.
	 */
	public void observe(UpstreamObserver observer) {
		this.pool.observe(observer);
	}

	/**
	 * Lends no more links until {@link #resume()}. What is in flight goes on; whoever
	 * asks for a link is not refused for the time until the pause timeout is over,
	 * counted from this call.
	 */
	public void pause() {
		this.pool.pause();
		logger.info("upstream '{}' - paused", this.name);
	}

	/**
	 * Lends links again.
	 */
	public void resume() {
		this.pool.resume();
		logger.info("upstream '{}' - resumed", this.name);
	}

	public boolean isPaused() {
		return this.pool.isPaused();
	}

	/**
	 * Replaces every link: for each a newer one is opened, and then it is closed as soon
	 * as nothing is in flight on it. A link that is one client's for life stays.
	 * @return how many links that are
	 */
	public int reconnect() {
		int count = this.pool.reconnect();
		logger.info("upstream '{}' - replacing {} links", this.name, count);
		return count;
	}

	/**
	 * The numbers of this moment.
	 */
	public UpstreamInfo info() {
		return this.pool.info();
	}

	/**
	 * Counts what has passed through all its links so far.
	 */
	public TrafficTotals traffic() {
		return this.factory.traffic();
	}

	/**
	 * Begins to keep min-idle links open. Called when the application has started, since
	 * the server may be a listener of the same gateway.
	 */
	public void warmUp() {
		this.pool.warmUp();
	}

	@Override
	public void start() {
		this.factory.start();
		this.pool.start();
		this.refreshes.forEach(NameRefresh::start);
		this.running = true;
	}

	@Override
	public void stop() {
		if (this.running) {
			this.running = false;
			this.refreshes.forEach(NameRefresh::stop);
			this.pool.stop();
			this.factory.stop();
		}
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	@Override
	public int getPhase() {
		return BEFORE_ROUTES;
	}

}
