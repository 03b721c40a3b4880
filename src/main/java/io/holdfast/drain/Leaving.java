package io.holdfast.drain;

import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

import io.holdfast.connection.CloseReason;
import io.holdfast.connection.ConnectionEvent;
import io.holdfast.connection.ConnectionInfo;
import io.holdfast.connection.ConnectionRegistry;
import org.jspecify.annotations.Nullable;

/**
 * All connections of some listeners on their way out, the oldest first, until none is
 * left. Moved on by the drain's thread alone; numbers are for any thread.
 */
final class Leaving {

	/**
	 * How often it is seen who else has come, such as one accepted at the last moment.
	 */
	private static final long LOOK_NANOS = 250_000_000L;

	/** How long connections that were cut may take to be gone. */
	private static final long CUT_NANOS = 5_000_000_000L;

	private final ConnectionRegistry registry;

	private final Set<String> listeners;

	private final Pace pace;

	private final long beginNanos;

	private final long deadlineNanos;

	private final Queue<ConnectionInfo> queue = new ArrayDeque<>();

	private final Set<String> seen = new HashSet<>();

	private final Set<String> told = new HashSet<>();

	private final Set<String> cutIds = new HashSet<>();

	private final AtomicInteger closed = new AtomicInteger();

	private final AtomicInteger cut = new AtomicInteger();

	private final AtomicInteger cutWithPending = new AtomicInteger();

	private long lookedNanos;

	Leaving(ConnectionRegistry registry, Set<String> listeners, DrainSettings settings, long nowNanos) {
		this.registry = registry;
		this.listeners = Set.copyOf(listeners);
		this.pace = new Pace(settings.rate(), nowNanos);
		this.beginNanos = nowNanos;
		this.deadlineNanos = nowNanos + settings.timeout().toNanos();
		this.lookedNanos = nowNanos - LOOK_NANOS;
	}

	/**
	 * Lets those go whose turn it is, and cuts the rest if the time is over.
	 * @return whether none is left, or nothing more can be done about them
	 */
	boolean advance(long nowNanos) {
		if (left() == 0) {
			return true;
		}
		if (nowNanos - this.deadlineNanos >= 0) {
			cutAll();
			return left() == 0 || nowNanos - this.deadlineNanos >= CUT_NANOS;
		}
		for (int due = this.pace.due(nowNanos); due > 0; due--) {
			if (!letOneGo(nowNanos)) {
				return false;
			}
			this.pace.gone();
		}
		return false;
	}

	private boolean letOneGo(long nowNanos) {
		ConnectionInfo next = next(nowNanos);
		while (next != null && !this.registry.leave(next.id(), CloseReason.DRAINED)) {
			// is being closed already
			next = next(nowNanos);
		}
		if (next != null) {
			this.told.add(next.id());
		}
		return next != null;
	}

	/**
	 * Lets no others go, and cuts those that were told to when their time is over.
	 * @return whether that has been done
	 */
	boolean seeOff(long nowNanos) {
		if (nowNanos - this.deadlineNanos < 0 && !this.told.isEmpty()) {
			return false;
		}
		this.told.forEach((id) -> this.registry.cut(id, CloseReason.DRAINED));
		return true;
	}

	private @Nullable ConnectionInfo next(long nowNanos) {
		if (this.queue.isEmpty() && nowNanos - this.lookedNanos >= LOOK_NANOS) {
			this.lookedNanos = nowNanos;
			this.registry.stream()
				.filter((each) -> this.listeners.contains(each.listener()) && this.seen.add(each.id()))
				.sorted(ConnectionInfo.OLDEST_FIRST)
				.forEach(this.queue::add);
		}
		return this.queue.poll();
	}

	private void cutAll() {
		this.registry.stream().filter((each) -> this.listeners.contains(each.listener())).forEach((each) -> {
			if (this.cutIds.add(each.id())) {
				this.cut.incrementAndGet();
				if (this.registry.hasPending(each.id())) {
					this.cutWithPending.incrementAndGet();
				}
			}
			this.registry.cut(each.id(), CloseReason.DRAINED);
		});
	}

	void on(ConnectionEvent.Closed event) {
		if (this.listeners.contains(event.connection().listener())) {
			this.closed.incrementAndGet();
		}
	}

	int left() {
		return this.registry.count(this.listeners);
	}

	int closed() {
		return this.closed.get();
	}

	int cut() {
		return this.cut.get();
	}

	int cutWithPending() {
		return this.cutWithPending.get();
	}

	long nanosToGo(long nowNanos) {
		return Math.max(0, this.deadlineNanos - nowNanos);
	}

	/** Describes the result for the log. */
	String summary(long nowNanos) {
		return "%d connections left in order, %d were cut, %d of them with something pending, after %s".formatted(
				Math.max(0, closed() - cut()), cut(), cutWithPending(), Seconds.text(nowNanos - this.beginNanos));
	}

}
