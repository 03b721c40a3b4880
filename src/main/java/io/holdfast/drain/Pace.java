package io.holdfast.drain;

/**
 * Spreads a rate evenly over time. Time that passes while nobody asks, or that an
 * overslept timer has lost, is made good for a tenth of a second at most, so that no
 * second has noticeably more than its share. Belongs to one thread.
 */
final class Pace {

	private static final double NANOS_PER_SECOND = 1e9;

	private static final double LARGEST_BURST_SECONDS = 0.1;

	private final double perSecond;

	private final double largestBurst;

	private double credit = 1;

	private long lastNanos;

	Pace(Rate rate, long nowNanos) {
		this.perSecond = rate.perSecond();
		this.largestBurst = Math.max(1, this.perSecond * LARGEST_BURST_SECONDS);
		this.lastNanos = nowNanos;
	}

	/** How many may go now. */
	int due(long nowNanos) {
		double earned = (nowNanos - this.lastNanos) / NANOS_PER_SECOND * this.perSecond;
		this.lastNanos = nowNanos;
		this.credit = Math.min(this.largestBurst, this.credit + earned);
		return (int) this.credit;
	}

	/** One has gone. */
	void gone() {
		this.credit--;
	}

}
