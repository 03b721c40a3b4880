package io.holdfast.route;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts what became of the frames of one relay. Any thread.
 */
final class Outcomes {

	private final Map<Outcome, LongAdder> counts = new EnumMap<>(Outcome.class);

	private final LongAdder replied = new LongAdder();

	private final Faults faults;

	private volatile RelayObserver observer = (nanos) -> {
	};

	Outcomes(Faults faults) {
		this.faults = faults;
		for (Outcome outcome : Outcome.values()) {
			this.counts.put(outcome, (outcome == Outcome.REPLIED) ? this.replied : new LongAdder());
		}
	}

	void observe(RelayObserver newObserver) {
		this.observer = newObserver;
	}

	void replied(long nanos) {
		this.replied.increment();
		try {
			this.observer.replied(nanos);
		}
		catch (RuntimeException | LinkageError | AssertionError ex) {
			this.faults.tell("told an observer of a reply", ex);
		}
	}

	void count(Outcome outcome) {
		count(outcome, 1);
	}

	void count(Outcome outcome, long frames) {
		LongAdder count = this.counts.get(outcome);
		if (count != null) {
			count.add(frames);
		}
	}

	long of(Outcome outcome) {
		LongAdder count = this.counts.get(outcome);
		return (count != null) ? count.sum() : 0;
	}

}
