package io.holdfast.upstream;

import java.time.Duration;

/**
 * How long to wait before the next attempt to connect: exponential, with a cap and
 * jitter.
 *
 * @param settings initial wait, cap, multiplier, jitter
 */
record Backoff(ReconnectSettings settings) {

	/**
	 * The wait after so many failures in a row.
	 * @param failures at least 1
	 * @param random 0 to 1, where in the jitter's range the wait lies
	 * @return never above the cap by more than the jitter
	 */
	Duration after(int failures, double random) {
		double initial = this.settings.initial().toNanos();
		double grown = initial * Math.pow(this.settings.multiplier(), failures - 1.0);
		double capped = Math.min(grown, (double) this.settings.max().toNanos());
		double spread = 1 + this.settings.jitter() * (2 * random - 1);
		return Duration.ofNanos((long) (capped * spread));
	}

}
