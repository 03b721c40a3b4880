package io.holdfast.transport;

import java.util.Arrays;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

/**
 * Finds a peer that holds something up and takes too little of its output: over the last
 * send timeout no byte, or fewer than the least rate asks for. It looks sixteen times in
 * a send timeout, so a peer is found at most a sixteenth late. Belongs to the
 * connection's loop, and does nothing while nothing is held up.
 */
final class StallWatch {

	private static final int LOOKS = 16;

	private final ScheduledExecutorService loop;

	private final OutputLimits limits;

	private final LongSupplier taken;

	private final BooleanSupplier holdingUp;

	private final LongConsumer stalled;

	/** Bytes taken at the last looks; null while nothing is watched. */
	private long @Nullable [] takenAt;

	private int looks;

	private @Nullable ScheduledFuture<?> timer;

	/**
	 * A watch that has not begun.
	 * @param taken bytes that the peer has taken so far
	 * @param holdingUp whether anything waits for the peer
	 * @param stalled told once with the bytes of the last send timeout, when they are too
	 * few
	 */
	StallWatch(ScheduledExecutorService loop, OutputLimits limits, LongSupplier taken, BooleanSupplier holdingUp,
			LongConsumer stalled) {
		this.loop = loop;
		this.limits = limits;
		this.taken = taken;
		this.holdingUp = holdingUp;
		this.stalled = stalled;
	}

	/** Begins to watch if anything is held up, unless it has begun. */
	void start() {
		if (this.takenAt == null && this.holdingUp.getAsBoolean()) {
			long[] samples = new long[LOOKS];
			Arrays.fill(samples, this.taken.getAsLong());
			this.takenAt = samples;
			this.looks = 0;
			schedule();
		}
	}

	void stop() {
		this.takenAt = null;
		ScheduledFuture<?> next = this.timer;
		this.timer = null;
		if (next != null) {
			next.cancel(false);
		}
	}

	private void schedule() {
		this.timer = this.loop.schedule(this::look, this.limits.sendTimeout().toNanos() / LOOKS, TimeUnit.NANOSECONDS);
	}

	private void look() {
		long[] samples = this.takenAt;
		if (samples == null || !this.holdingUp.getAsBoolean()) {
			stop();
			return;
		}
		this.looks++;
		int slot = this.looks % LOOKS;
		long now = this.taken.getAsLong();
		long lately = now - samples[slot];
		samples[slot] = now;
		if (this.looks >= LOOKS && lately < this.limits.leastBytes()) {
			stop();
			this.stalled.accept(lately);
			return;
		}
		schedule();
	}

}
