package io.holdfast.transport;

import java.net.InetSocketAddress;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All ports of some event loops: stops and resumes accepting on all of them, and counts
 * the connections that they have accepted. Each stop is logged once, and its end when it
 * has lasted for a few seconds, so that a value that swings around a limit does not fill
 * the log. Any thread; changes are guarded by this.
 */
public final class Ports {

	private static final Logger logger = LoggerFactory.getLogger(Ports.class);

	/** How long accepting must last before the end of a hold is logged. */
	private static final long QUIET_SECONDS = 5;

	private final Supplier<EventLoop> timers;

	private final LongSupplier nanoTime;

	private final Set<Port> ports = ConcurrentHashMap.newKeySet();

	private final AtomicInteger accepted = new AtomicInteger();

	private final ChannelFutureListener closed = (gone) -> counted(this.accepted.decrementAndGet());

	private final Map<Hold, Episode> told = new EnumMap<>(Hold.class);

	private volatile IntConsumer counter = (count) -> {
	};

	/** Replaced as a whole, never changed. */
	private volatile Set<Hold> holds = EnumSet.noneOf(Hold.class);

	/**
	 * No ports yet.
	 * @param timers tells a loop that runs what is done later
	 * @param nanoTime as {@link System#nanoTime()}
	 */
	Ports(Supplier<EventLoop> timers, LongSupplier nanoTime) {
		this.timers = timers;
		this.nanoTime = nanoTime;
	}

	/**
	 * Accepts nobody on any port until {@link #release}, however long that takes. Cheap
	 * if the hold is set already.
	 * @param why what is short, with numbers, and what to do about it, for the log
	 */
	public void hold(Hold hold, String why) {
		if (this.holds.contains(hold)) {
			return;
		}
		synchronized (this) {
			if (!change(hold, /* held= */ true)) {
				return;
			}
			Episode episode = this.told.get(hold);
			if (episode == null) {
				this.told.put(hold, new Episode(this.nanoTime.getAsLong()));
				logger.warn("ports - accept no connections, {} are open: {}", this.accepted.get(), why);
			}
			else {
				episode.end = null;
			}
		}
	}

	/**
	 * Takes a hold back. Ports accept again if no other is set.
	 * @param how the numbers that are right again, for the log
	 */
	public void release(Hold hold, String how) {
		if (!this.holds.contains(hold)) {
			return;
		}
		synchronized (this) {
			Episode episode = this.told.get(hold);
			if (change(hold, /* held= */ false) && episode != null) {
				episode.end = new End(this.nanoTime.getAsLong() - episode.sinceNanos, how);
				tellLater(hold, episode);
			}
		}
	}

	private boolean change(Hold hold, boolean held) {
		Set<Hold> changed = EnumSet.copyOf(this.holds);
		if (!(held ? changed.add(hold) : changed.remove(hold))) {
			return false;
		}
		this.holds = changed;
		this.ports.forEach(Port::holdsChanged);
		return true;
	}

	/** One timer at most for each hold, however often that comes and goes. */
	private void tellLater(Hold hold, Episode episode) {
		if (episode.timed != null) {
			return;
		}
		End end = episode.end;
		episode.timed = end;
		try {
			this.timers.get().schedule(() -> tell(hold, episode), QUIET_SECONDS, TimeUnit.SECONDS);
		}
		catch (RejectedExecutionException ex) {
			// the loops have ended, and all ports with them
		}
	}

	private synchronized void tell(Hold hold, Episode episode) {
		End end = episode.end;
		End timed = episode.timed;
		episode.timed = null;
		if (end == null) {
			return;
		}
		if (end.equals(timed)) {
			this.told.remove(hold);
			logger.info("ports - accept connections again, after {} ms: {}", TimeUnit.NANOSECONDS.toMillis(end.nanos()),
					end.how());
		}
		else {
			tellLater(hold, episode);
		}
	}

	/**
	 * The holds on all ports at the moment, a copy.
	 */
	public Set<Hold> holds() {
		return EnumSet.copyOf(this.holds);
	}

	/**
	 * Whether this hold is set for all ports.
	 */
	public boolean isHeld(Hold hold) {
		return this.holds.contains(hold);
	}

	/**
	 * Whether any hold is set for all ports.
	 */
	boolean areHeld() {
		return !this.holds.isEmpty();
	}

	/**
	 * Connections of all ports that are open.
	 */
	public int accepted() {
		return this.accepted.get();
	}

	/**
	 * Has each change of {@link #accepted()} told, on an event loop, in place of any
	 * earlier receiver.
	 */
	void observe(IntConsumer newCounter) {
		this.counter = newCounter;
	}

	/** Counts a connection until its channel is closed. */
	void count(Channel connection) {
		counted(this.accepted.incrementAndGet());
		connection.closeFuture().addListener(this.closed);
	}

	private void counted(int count) {
		this.counter.accept(count);
	}

	/**
	 * Whether connecting to an address leads to a port that refuses this process's own
	 * links.
	 */
	boolean refuseLinkTo(InetSocketAddress target) {
		return this.ports.stream().anyMatch((port) -> port.refusesLinkTo(target));
	}

	void add(Port port) {
		this.ports.add(port);
	}

	void remove(Port port) {
		this.ports.remove(port);
	}

	/**
	 * One bound port.
	 */
	interface Port {

		/** Any thread: looks at the holds again. */
		void holdsChanged();

		/** Any thread: whether this is the port, and refuses it. */
		boolean refusesLinkTo(InetSocketAddress target);

	}

	/** The time from a hold that was logged to a release that was. */
	private static final class Episode {

		private final long sinceNanos;

		/** The latest release, unless it was held again. */
		private @Nullable End end;

		/** The release that the timer was started for. */
		private @Nullable End timed;

		Episode(long sinceNanos) {
			this.sinceNanos = sinceNanos;
		}

	}

	private record End(long nanos, String how) {

	}

}
