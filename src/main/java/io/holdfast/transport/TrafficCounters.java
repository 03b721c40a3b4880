package io.holdfast.transport;

import java.util.concurrent.atomic.LongAdder;

/**
 * Counts for {@link TrafficTotals}. Added to once per batch of reads or writes, so that
 * loops do not meet on them at every frame.
 */
final class TrafficCounters {

	private final LongAdder framesIn = new LongAdder();

	private final LongAdder framesOut = new LongAdder();

	private final LongAdder bytesIn = new LongAdder();

	private final LongAdder bytesOut = new LongAdder();

	void received(long frames, long bytes) {
		this.framesIn.add(frames);
		this.bytesIn.add(bytes);
	}

	void sent(long frames, long bytes) {
		this.framesOut.add(frames);
		this.bytesOut.add(bytes);
	}

	TrafficTotals totals() {
		return new TrafficTotals(this.framesIn.sum(), this.framesOut.sum(), this.bytesIn.sum(), this.bytesOut.sum());
	}

}
