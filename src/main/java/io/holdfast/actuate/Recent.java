package io.holdfast.actuate;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * A snapshot that all gauges of one scrape share: it is taken anew once it is older than
 * a tenth of a second. Any thread; guarded by this.
 *
 * @param <T> the snapshot
 */
final class Recent<T> {

	private static final long AGE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

	private final Supplier<T> source;

	private final LongSupplier nanoTime;

	private @Nullable T latest;

	private long takenNanos;

	/**
	 * Takes nothing yet.
	 * @param source takes a snapshot
	 * @param nanoTime as {@link System#nanoTime()}
	 */
	Recent(Supplier<T> source, LongSupplier nanoTime) {
		this.source = source;
		this.nanoTime = nanoTime;
	}

	synchronized T get() {
		long now = this.nanoTime.getAsLong();
		T known = this.latest;
		if (known != null && now - this.takenNanos < AGE_NANOS) {
			return known;
		}
		T taken = this.source.get();
		this.latest = taken;
		this.takenNanos = now;
		return taken;
	}

}
