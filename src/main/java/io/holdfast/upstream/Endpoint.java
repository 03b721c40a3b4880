package io.holdfast.upstream;

import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

import io.netty.channel.EventLoop;
import io.netty.util.NetUtil;
import org.jspecify.annotations.Nullable;

/**
 * One address of an upstream: how it has behaved, and its idle links. Guarded by the
 * pool's lock, but for {@link #isSuspect()}.
 */
final class Endpoint {

	private static final int MAX_OPENING = 64;

	private final EndpointAddress name;

	/** Null until the name has been looked up. */
	private final @Nullable InetSocketAddress address;

	private final Map<EventLoop, Deque<Link>> idle = new HashMap<>();

	private final Tally tally = new Tally();

	private int idleCount;

	private int open;

	private int lent;

	private int opening;

	/** Those of them that take longer than a good one does. */
	private int hanging;

	/** How many attempts may run at once for borrowers that keep their links. */
	private int window = 1;

	private int connectFailures;

	private long failedNanos;

	/** Connections are taken, and are of no use. */
	private boolean fleeting;

	private long nextAttemptNanos;

	private volatile boolean suspect;

	private int ejections;

	private boolean ejected;

	private long ejectedUntilNanos;

	private boolean gone;

	Endpoint(EndpointAddress name, @Nullable InetSocketAddress address) {
		this.name = name;
		this.address = address;
	}

	EndpointAddress name() {
		return this.name;
	}

	@Nullable InetSocketAddress address() {
		return this.address;
	}

	int open() {
		return this.open;
	}

	int lent() {
		return this.lent;
	}

	int opening() {
		return this.opening;
	}

	int idle() {
		return this.idleCount;
	}

	/** Links and attempts. */
	int load() {
		return this.open + this.opening;
	}

	boolean isGone() {
		return this.gone;
	}

	void leave() {
		this.gone = true;
	}

	// idle links

	void add(Link link) {
		this.idleCount++;
		this.idle.computeIfAbsent(link.eventLoop(), (loop) -> new ArrayDeque<>()).push(link);
	}

	/** The link that was given back last, so that what is not needed grows old. */
	@Nullable Link takeIdle(EventLoop loop) {
		Deque<Link> links = this.idle.get(loop);
		Link link = (links != null) ? links.poll() : null;
		if (link != null) {
			this.idleCount--;
		}
		return link;
	}

	@Nullable Link takeIdle() {
		for (EventLoop loop : this.idle.keySet()) {
			Link link = takeIdle(loop);
			if (link != null) {
				return link;
			}
		}
		return null;
	}

	/** Adds up the idle links of each loop. */
	void countIdle(Map<EventLoop, Integer> counts) {
		this.idle.forEach((loop, links) -> {
			if (!links.isEmpty()) {
				counts.merge(loop, links.size(), Integer::sum);
			}
		});
	}

	/** The idle links that have not been used for longest, one of each loop. */
	Stream<Link> leastUsed() {
		return this.idle.values().stream().filter((links) -> !links.isEmpty()).map(Deque::getLast);
	}

	/** Takes one link out of the idle ones, if it is there. */
	void remove(Link link) {
		Deque<Link> links = this.idle.get(link.eventLoop());
		if (links != null && links.remove(link)) {
			this.idleCount--;
		}
	}

	// connecting

	/**
	 * Whether one more attempt may begin: one at a time beyond what keeps min-idle warm,
	 * so that an endpoint that refuses meets no storm.
	 * @param warm how many more links would make min-idle
	 * @param kept whether a borrower waits that will keep its link
	 */
	boolean mayConnect(int warm, boolean kept, long now) {
		if (this.gone || this.ejected || (this.connectFailures > 0 && now - this.nextAttemptNanos < 0)) {
			return false;
		}
		if (this.connectFailures > 0) {
			return this.opening == 0;
		}
		return this.opening < Math.max(1, Math.max(warm, kept ? this.window : 1));
	}

	/** When the next attempt may begin, if it is the time that forbids it now. */
	long nextAttemptNanos() {
		return this.ejected ? this.ejectedUntilNanos : this.nextAttemptNanos;
	}

	boolean isWaiting(long now) {
		return !this.gone && (this.ejected || (this.connectFailures > 0 && now - this.nextAttemptNanos < 0));
	}

	void begin() {
		this.opening++;
	}

	void giveUp() {
		this.opening--;
	}

	/** So many attempts more hang. */
	void hang(int more) {
		this.hanging += more;
	}

	/** Whether connecting failed last time, or does not come to an end. */
	boolean isDoubtful() {
		return this.connectFailures > 0 || this.hanging > 0;
	}

	void opened() {
		this.opening--;
		this.open++;
		this.window = Math.min(MAX_OPENING, this.window * 2);
	}

	/**
	 * An attempt has failed, or a link that had hardly lived.
	 * @return the number of failures in a row
	 */
	int connectFailed(long now) {
		this.failedNanos = now;
		this.window = 1;
		return ++this.connectFailures;
	}

	void mayConnectAt(long nanos) {
		this.nextAttemptNanos = nanos;
	}

	int connectFailures() {
		return this.connectFailures;
	}

	/** Takes connections that are of no use, until a link has been of some. */
	void beFleeting() {
		this.fleeting = true;
	}

	boolean isFleeting() {
		return this.fleeting;
	}

	/**
	 * A link that was opened then has been of use. That proves nothing if connecting has
	 * failed since.
	 * @return whether it proves that the endpoint can be connected to
	 */
	boolean reached(long openedNanos) {
		if (this.connectFailures > 0 && openedNanos - this.failedNanos < 0) {
			return false;
		}
		this.connectFailures = 0;
		this.fleeting = false;
		return true;
	}

	/** An answer has come that was waited for. */
	void answersAgain() {
		this.tally.clear();
		this.ejections = 0;
		this.suspect = false;
	}

	void lend() {
		this.lent++;
	}

	void takeBack() {
		this.lent--;
	}

	void closed() {
		this.open--;
	}

	// ejection

	/** Any thread: whether an answer would be news. */
	boolean isSuspect() {
		return this.suspect;
	}

	/** Requests and heartbeats without an answer against those with one. */
	Tally tally() {
		return this.tally;
	}

	/** The next answer will be news. */
	void awaitAnswer() {
		this.suspect = true;
	}

	boolean isEjected() {
		return this.ejected;
	}

	/** Whether it has been ejected since it last answered. */
	boolean wasEjected() {
		return this.ejections > 0;
	}

	/** Bans the endpoint, each time in a row for longer. */
	int eject() {
		this.ejected = true;
		return ++this.ejections;
	}

	void ejectUntil(long nanos) {
		this.ejectedUntilNanos = nanos;
	}

	boolean isBanOver(long now) {
		return this.ejected && now - this.ejectedUntilNanos >= 0;
	}

	/** One failure more and it is ejected again. */
	void takeBackOnTrial(int failuresAllowed) {
		this.ejected = false;
		this.suspect = true;
		this.tally.begin(Math.max(0, failuresAllowed - 1));
		this.connectFailures = 0;
	}

	@Override
	public String toString() {
		InetSocketAddress resolved = this.address;
		String text = this.name.toString();
		if (resolved == null) {
			return text;
		}
		String numbers = NetUtil.toSocketAddressString(resolved);
		return text.equals(numbers) ? text : text + " (" + numbers + ")";
	}

}
