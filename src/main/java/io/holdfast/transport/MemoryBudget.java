package io.holdfast.transport;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;

import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bounds the memory that all connections together hold between two reads or writes:
 * received bytes that are no whole frame yet, frames that wait for a worker, and output
 * that the peers have not taken. A peer can make each of them grow, so without a common
 * bound many peers exhaust direct memory, which stalls or ends every event loop.
 * <p>
 * From 80 % on no connection is accepted and the largest holders are not read; from 95 %
 * on the largest holders are closed, as {@link OverloadedException}; below 70 % all is as
 * before. What does not fit under 100 % is refused, and its connection closed. Each loop
 * counts for itself and looks at the sum only after it has grown by a step, so that a
 * frame costs no lock and no shared write.
 */
public final class MemoryBudget {

	private static final Logger logger = LoggerFactory.getLogger(MemoryBudget.class);

	/** A loop looks at the sum after it has grown by this part of the limit. */
	private static final int STEPS = 256;

	private static final int PERCENT = 100;

	private static final int NORMAL_PERCENT = 70;

	private static final int TIGHT_PERCENT = 80;

	private static final int CRITICAL_PERCENT = 95;

	/** Closing goes on until this part of the limit would be left. */
	private static final int ENOUGH_PERCENT = 65;

	private static final double MEGABYTE = 1024 * 1024;

	private static final String ADVICE = "see whether peers send halves of frames or do not read, else raise"
			+ " gateway.limits.memory and -XX:MaxDirectMemorySize, or lower max-frame and limits.max-pending-output";

	private final long limit;

	private final List<LoopMemory> loops = new CopyOnWriteArrayList<>();

	private final LongAdder waiting = new LongAdder();

	private final PacedLog log = new PacedLog();

	private volatile Level level = Level.NORMAL;

	private volatile @Nullable Ports ports;

	/**
	 * A budget of which nothing is used.
	 * @param limit bytes, at least 1
	 */
	public MemoryBudget(long limit) {
		if (limit < 1) {
			throw new IllegalArgumentException("limit is " + limit + "; must be at least 1 byte");
		}
		this.limit = limit;
	}

	/**
	 * The most that connections may hold, in bytes.
	 */
	public long limit() {
		return this.limit;
	}

	/**
	 * Bytes that connections hold now. Any thread; a moment behind.
	 */
	public long used() {
		long used = this.waiting.sum();
		for (LoopMemory loop : this.loops) {
			used += loop.held();
		}
		return used;
	}

	/** Stops accepting on these ports while the budget is short. */
	void guard(Ports accepting) {
		this.ports = accepting;
	}

	LoopMemory addLoop(EventLoop loop) {
		LoopMemory added = new LoopMemory(this, loop);
		this.loops.add(added);
		return added;
	}

	long step() {
		return Math.max(1, this.limit / STEPS);
	}

	/** Any thread: frames wait for a worker, or wait no longer if negative. */
	void addWaiting(int bytes) {
		this.waiting.add(bytes);
	}

	/** Any thread: a loop has closed connections that held so many bytes together. */
	void closed(int connections, long bytes) {
		String numbers = numbers(used() + bytes);
		this.log
			.write((more) -> logger.warn("memory - {}: closed {} that held most, {} MB together, as overloaded; {}{}",
					numbers, connections, megabytes(bytes), ADVICE, more));
	}

	Level level() {
		return this.level;
	}

	/** How much may be held when enough has been closed. */
	long enough() {
		return this.limit / PERCENT * ENOUGH_PERCENT;
	}

	/** Any thread: what each connection may hold if all of them share that evenly. */
	long fairShare() {
		int connections = 0;
		for (LoopMemory loop : this.loops) {
			connections += loop.connections();
		}
		return enough() / Math.max(1, connections);
	}

	/** Any thread: whether so many bytes more leave what is kept for small holders. */
	boolean fitsMost(int bytes) {
		return used() + bytes <= this.limit / PERCENT * CRITICAL_PERCENT;
	}

	/** Any thread: whether so many bytes more are within the limit. */
	boolean fits(int bytes) {
		return used() + bytes <= this.limit;
	}

	/**
	 * Any thread: compares what is used with the limits and, if the level changes, has
	 * every loop act on it.
	 */
	void check() {
		long used = used();
		if (this.level.after(used, this.limit) == this.level) {
			return;
		}
		synchronized (this) {
			Level before = this.level;
			Level now = before.after(used, this.limit);
			if (now == before) {
				return;
			}
			this.level = now;
			changed(before, now, used);
		}
		this.loops.forEach(LoopMemory::relieve);
	}

	private void changed(Level before, Level now, long used) {
		String numbers = numbers(used);
		Ports guarded = this.ports;
		if (before == Level.NORMAL && guarded != null) {
			guarded.hold(Hold.MEMORY, numbers + ", so those that hold most are not read; " + ADVICE);
		}
		if (now == Level.NORMAL && guarded != null) {
			guarded.release(Hold.MEMORY, numbers);
		}
	}

	private String numbers(long used) {
		return "connections hold %s of %s MB".formatted(megabytes(used), megabytes(this.limit));
	}

	private static String megabytes(long bytes) {
		return "%.1f".formatted(bytes / MEGABYTE);
	}

	/**
	 * How much of the budget is used, with a distance between going up and coming down.
	 */
	enum Level {

		/** Nothing is asked of anybody. */
		NORMAL(0, TIGHT_PERCENT),

		/** No new connections, and the largest holders are not read. */
		TIGHT(NORMAL_PERCENT, CRITICAL_PERCENT),

		/** The largest holders are closed. */
		CRITICAL(TIGHT_PERCENT, Integer.MAX_VALUE);

		private final int fromPercent;

		private final int belowPercent;

		Level(int fromPercent, int belowPercent) {
			this.fromPercent = fromPercent;
			this.belowPercent = belowPercent;
		}

		Level after(long used, long limit) {
			double percent = (double) used * PERCENT / limit;
			if (percent >= this.fromPercent && percent < this.belowPercent) {
				return this;
			}
			if (percent >= CRITICAL_PERCENT) {
				return CRITICAL;
			}
			if (percent < NORMAL_PERCENT) {
				return NORMAL;
			}
			return TIGHT;
		}

	}

}
