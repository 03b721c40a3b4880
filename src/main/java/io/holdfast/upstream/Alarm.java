package io.holdfast.upstream;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

import io.holdfast.transport.EventLoops;
import io.netty.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;

/**
 * Calls a pool at the earliest of the times that it has asked for. Guarded by the pool's
 * lock; the call comes from an event loop, without it.
 */
final class Alarm {

	private final EventLoops loops;

	private final Runnable call;

	private @Nullable ScheduledFuture<?> pending;

	private long pendingNanos;

	Alarm(EventLoops loops, Runnable call) {
		this.loops = loops;
		this.call = call;
	}

	/** Calls at that time, at the latest. */
	void at(long nanos) {
		ScheduledFuture<?> earlier = this.pending;
		if (earlier != null && nanos - this.pendingNanos >= 0) {
			return;
		}
		off();
		this.pendingNanos = nanos;
		try {
			this.pending = this.loops.preferred()
				.schedule(this.call, Math.max(0, nanos - this.loops.nanoTime()) + 1, TimeUnit.NANOSECONDS);
		}
		catch (RejectedExecutionException ex) {
			// the loops have ended, and all who wait with them
			this.pending = null;
		}
	}

	/** It has called, or shall not. */
	void off() {
		if (this.pending != null) {
			this.pending.cancel(false);
			this.pending = null;
		}
	}

}
