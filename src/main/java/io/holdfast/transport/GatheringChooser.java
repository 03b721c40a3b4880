package io.holdfast.transport;

import java.util.concurrent.atomic.AtomicIntegerArray;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.EventExecutorChooserFactory;

/**
 * Picks the loop of a new connection: the first that has few, else the one that has
 * fewest. A few connections on one loop are woken together and cost less than spread over
 * all loops; where there are many, each loop has enough to be woken for.
 */
final class GatheringChooser implements EventExecutorChooserFactory.EventExecutorChooser {

	/** Measured, see the decision on gathering connections. */
	private static final int FEW = 64;

	private final EventExecutor[] loops;

	private final AtomicIntegerArray connections;

	GatheringChooser(EventExecutor[] loops) {
		this.loops = loops;
		this.connections = new AtomicIntegerArray(loops.length);
	}

	/** Each call is a connection to be, and ends with {@link #left}. */
	@Override
	public EventExecutor next() {
		EventExecutor chosen = preferred();
		this.connections.incrementAndGet(indexOf(chosen));
		return chosen;
	}

	/** The loop that the next connection would be given. */
	EventExecutor preferred() {
		int chosen = 0;
		int least = Integer.MAX_VALUE;
		for (int i = 0; i < this.loops.length; i++) {
			int count = this.connections.get(i);
			if (count < FEW) {
				chosen = i;
				break;
			}
			if (count < least) {
				chosen = i;
				least = count;
			}
		}
		return this.loops[chosen];
	}

	/** A connection that was given this loop is gone. */
	void left(EventExecutor loop) {
		this.connections.decrementAndGet(indexOf(loop));
	}

	private int indexOf(EventExecutor loop) {
		for (int i = 0; i < this.loops.length; i++) {
			if (this.loops[i] == loop) {
				return i;
			}
		}
		throw new IllegalArgumentException("not a loop of this group: " + loop);
	}

}
