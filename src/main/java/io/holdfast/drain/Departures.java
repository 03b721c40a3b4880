package io.holdfast.drain;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

import io.holdfast.connection.CloseReason;
import io.holdfast.connection.ConnectionEvent;
import io.holdfast.connection.ConnectionObserver;
import io.holdfast.connection.ConnectionRegistry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has connections leave, one or many, on a thread of its own that there is only while it
 * is needed. Any thread.
 */
public final class Departures implements ConnectionObserver, AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(Departures.class);

	private static final long TICK_MILLIS = 20;

	private final ConnectionRegistry registry;

	private final DrainSettings settings;

	private final LongSupplier nanoTime;

	private final List<Leaving> underWay = new CopyOnWriteArrayList<>();

	/** Timers that cut single connections which were told to leave, by their ids. */
	private final Map<String, Future<?>> cuts = new ConcurrentHashMap<>();

	private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, (task) -> {
		Thread thread = new Thread(task, "drain");
		thread.setDaemon(true);
		return thread;
	});

	/**
	 * Nobody leaves yet.
	 * @param registry knows the connections, and tells this observer of their ends
	 * @param settings how fast many of them leave, and how long each may take
	 * @param nanoTime the time, as {@link System#nanoTime()}
	 */
	public Departures(ConnectionRegistry registry, DrainSettings settings, LongSupplier nanoTime) {
		this.registry = registry;
		this.settings = settings;
		this.nanoTime = nanoTime;
		this.timer.setRemoveOnCancelPolicy(true);
	}

	/**
	 * Has one connection leave, now. It is cut if it has not left within the drain's
	 * timeout.
	 * @param id the connection's id
	 * @return whether it leaves for this call: false if there is no such connection, or
	 * if it is being closed already
	 */
	public boolean leave(String id) {
		if (!this.registry.leave(id, CloseReason.DRAINED)) {
			return false;
		}
		this.cuts.put(id, this.timer.schedule(() -> this.registry.cut(id, CloseReason.DRAINED),
				this.settings.timeout().toNanos(), TimeUnit.NANOSECONDS));
		if (this.registry.find(id).isEmpty()) {
			// it may have been gone before there was anything to cancel
			cancelCut(id);
		}
		return true;
	}

	private void cancelCut(String id) {
		Future<?> cut = this.cuts.remove(id);
		if (cut != null) {
			cut.cancel(false);
		}
	}

	/** Begins to count who has left; {@link #repeat} lets them go. */
	Leaving begin(Set<String> listeners, long nowNanos) {
		Leaving leaving = new Leaving(this.registry, listeners, this.settings, nowNanos);
		this.underWay.add(leaving);
		return leaving;
	}

	/** The numbers stay as they are from now on. */
	void end(Leaving leaving) {
		this.underWay.remove(leaving);
	}

	/** Takes a step at once, and then every few milliseconds until it was the last. */
	void repeat(Step step) {
		this.timer.execute(() -> {
			try {
				if (!step.take(nanoTime())) {
					this.timer.schedule(() -> repeat(step), TICK_MILLIS, TimeUnit.MILLISECONDS);
				}
			}
			catch (RuntimeException | Error ex) {
				// nobody else sees it: the executor keeps what a task throws to itself
				logger.error("drain - failed; connections that are left stay until the process ends", ex);
			}
		});
	}

	long nanoTime() {
		return this.nanoTime.getAsLong();
	}

	/** How many connections of all the listeners have something under way. */
	int pending(Set<String> listeners) {
		return this.registry.pending(listeners);
	}

	int count(Set<String> listeners) {
		return this.registry.count(listeners);
	}

	@Override
	public void on(ConnectionEvent event) {
		if (event instanceof ConnectionEvent.Closed closed) {
			this.underWay.forEach((leaving) -> leaving.on(closed));
			cancelCut(closed.connection().id());
		}
	}

	@Override
	public void close() {
		this.timer.shutdownNow();
	}

	/**
	 * A step that is taken again and again.
	 */
	@FunctionalInterface
	interface Step {

		/** Returns whether this was the last step. */
		boolean take(long nowNanos);

	}

}
