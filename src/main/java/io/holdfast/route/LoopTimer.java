package io.holdfast.route;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;

/**
 * One timer on an event loop, to which it belongs. Holds one task of the loop at most,
 * and none once it is cancelled, so that what it watches can be collected.
 */
final class LoopTimer {

	private final EventLoop loop;

	private final LongSupplier nanoTime;

	private final Runnable task;

	private @Nullable ScheduledFuture<?> armed;

	/**
	 * A timer that is not armed.
	 * @param nanoTime the time of the event loops
	 * @param task run on the loop when the time has come
	 */
	LoopTimer(EventLoop loop, LongSupplier nanoTime, Runnable task) {
		this.loop = loop;
		this.nanoTime = nanoTime;
		this.task = task;
	}

	boolean isArmed() {
		return this.armed != null;
	}

	/**
	 * Arms the timer, unless it is armed; an earlier deadline stays.
	 */
	void arm(long deadlineNanos) {
		if (this.armed == null) {
			this.armed = this.loop.schedule(this::goOff, Math.max(1, deadlineNanos - this.nanoTime.getAsLong()),
					TimeUnit.NANOSECONDS);
		}
	}

	void cancel() {
		ScheduledFuture<?> pending = this.armed;
		if (pending != null) {
			this.armed = null;
			pending.cancel(false);
		}
	}

	private void goOff() {
		this.armed = null;
		this.task.run();
	}

}
