package io.holdfast.liveness;

import java.util.Arrays;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The timeouts of all connections of one event loop. Arming and cancelling cost the same
 * however many there are, and the loop wakes up for a tick only while any is armed.
 * Timeouts go off up to one tick late. Belongs to the loop.
 */
final class TimerWheel {

	/** How late a timeout may be. */
	static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

	/**
	 * Slots of one turn; a timeout that is farther away stays in its slot for several
	 * turns.
	 */
	private static final int SLOTS = 512;

	private static final Logger logger = LoggerFactory.getLogger(TimerWheel.class);

	private final ScheduledExecutorService loop;

	private final LongSupplier nanoTime;

	private final long originNanos;

	private final Slot[] slots = IntStream.range(0, SLOTS).mapToObj(Slot::new).toArray(Slot[]::new);

	private long ticked;

	private int armed;

	private boolean ticking;

	/**
	 * A wheel that stands still until something is armed.
	 * @param loop where it ticks, and is called
	 * @param nanoTime the time of the deadlines
	 */
	TimerWheel(ScheduledExecutorService loop, LongSupplier nanoTime) {
		this.loop = loop;
		this.nanoTime = nanoTime;
		this.originNanos = nanoTime.getAsLong();
	}

	int armed() {
		return this.armed;
	}

	/** Places that the slots hold at the moment, taken or not. */
	int capacity() {
		return Stream.of(this.slots).mapToInt((slot) -> slot.timeouts.length).sum();
	}

	/** Lets it go off at that time, instead of any time before. */
	void arm(Timeout timeout, long deadlineNanos) {
		cancel(timeout);
		if (!this.ticking) {
			this.ticking = true;
			this.ticked = tickAt(this.nanoTime.getAsLong());
			schedule();
		}
		long due = Math.max(tickAt(deadlineNanos + TICK_NANOS - 1), this.ticked + 1);
		this.slots[(int) (due % SLOTS)].add(timeout, deadlineNanos);
		this.armed++;
	}

	void cancel(Timeout timeout) {
		if (timeout.place() != Timeout.NOT_ARMED) {
			this.slots[timeout.slot()].remove(timeout);
			this.armed--;
		}
	}

	private long tickAt(long nanos) {
		return (nanos - this.originNanos) / TICK_NANOS;
	}

	private void schedule() {
		// to where the next tick begins: from anywhere else, timeouts would be two ticks
		// late
		long sinceTick = Math.floorMod(this.nanoTime.getAsLong() - this.originNanos, TICK_NANOS);
		this.loop.schedule(this::tick, TICK_NANOS - sinceTick, TimeUnit.NANOSECONDS);
	}

	/** Lets everything go off whose time has come. */
	void tick() {
		long now = this.nanoTime.getAsLong();
		long nowTick = tickAt(now);
		try {
			// after a long pause, one turn meets them all
			for (long tick = Math.max(this.ticked + 1, nowTick - SLOTS + 1); tick <= nowTick; tick++) {
				// what is armed meanwhile goes to a later tick
				this.ticked = tick;
				expire(this.slots[(int) (tick % SLOTS)], now);
			}
		}
		finally {
			// if not even the next tick can be had, whatever is armed next asks for one
			this.ticking = false;
			if (this.armed > 0) {
				schedule();
				this.ticking = true;
			}
		}
	}

	private void expire(Slot slot, long now) {
		// the last first, so that those which stay or come go to places that are done
		for (int place = slot.size - 1; place >= 0; place--) {
			// one that went off may have cancelled others
			Timeout timeout = (place < slot.size) ? slot.timeouts[place] : null;
			if (timeout == null || timeout.deadlineNanos() - now > 0) {
				continue;
			}
			slot.remove(timeout);
			this.armed--;
			try {
				timeout.expired(now);
			}
			catch (RuntimeException | Error ex) {
				// the others must go off all the same: Netty keeps even an error of a
				// scheduled task to itself, and the loop goes on
				logger.error("a timeout of a connection failed", ex);
			}
		}
	}

	/**
	 * Timeouts of one tick, and of those that are whole turns away, in no order. An array
	 * and no chain: a chain through very many old objects keeps the collector busy. The
	 * array shrinks when three quarters of it are free, so that timeouts that are armed
	 * in step do not leave room for all of them in every slot that they pass.
	 */
	private static final class Slot {

		private static final int FEW = 4;

		private final int number;

		private @Nullable Timeout[] timeouts = new Timeout[FEW];

		private int size;

		Slot(int number) {
			this.number = number;
		}

		void add(Timeout timeout, long deadlineNanos) {
			if (this.size == this.timeouts.length) {
				this.timeouts = Arrays.copyOf(this.timeouts, 2 * this.size);
			}
			timeout.armed(deadlineNanos, this.number, this.size);
			this.timeouts[this.size++] = timeout;
		}

		/** The last one takes its place. */
		void remove(Timeout timeout) {
			int place = timeout.place();
			Timeout last = this.timeouts[--this.size];
			this.timeouts[this.size] = null;
			if (last != null && last != timeout) {
				this.timeouts[place] = last;
				last.armed(last.deadlineNanos(), this.number, place);
			}
			timeout.disarmed();
			if (this.timeouts.length > FEW && this.size <= this.timeouts.length / 4) {
				this.timeouts = Arrays.copyOf(this.timeouts, this.timeouts.length / 2);
			}
		}

	}

}
