package io.holdfast.upstream;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * Weighs the failures of one endpoint against its answers. Failures add up to a run for
 * as long as they outweigh the answers that came since the run began, or within the
 * second before it; when they do not, the next failure begins another run. So a few
 * failures among many answers never add up, those of a server that has died do as soon as
 * its last answers are a second or two old, and those of one that is rarely asked do
 * however much time lies between them.
 * <p>
 * Guarded by the pool's lock, but for answers, which are counted from any thread.
 */
final class Tally {

	private static final long SPAN_NANOS = TimeUnit.SECONDS.toNanos(1);

	private final LongAdder answers = new LongAdder();

	private int failures;

	/** Answers before those that count against the run. */
	private long answersBefore;

	private int firstClient;

	private boolean severalClients;

	private boolean sampled;

	private long sampleNanos;

	private long sample;

	/** At least as old as the span. */
	private long olderSample;

	/** Any thread: counts an answer. */
	void answered() {
		this.answers.increment();
	}

	/** Notes how many answers there are by now, for a run that begins later. */
	void sample(long now) {
		if (!this.sampled || now - this.sampleNanos >= SPAN_NANOS) {
			this.sampled = true;
			this.sampleNanos = now;
			this.olderSample = this.sample;
			this.sample = this.answers.sum();
		}
	}

	/**
	 * Adds a failure.
	 * @param client whose request it was
	 */
	void failed(Object client, long now) {
		sample(now);
		// not the client itself: it would be kept for as long as nothing else fails
		int identity = System.identityHashCode(client);
		if (failures() == 0) {
			this.failures = 0;
			this.answersBefore = this.olderSample;
			this.firstClient = identity;
			this.severalClients = false;
		}
		this.failures++;
		this.severalClients |= identity != this.firstClient;
	}

	/** Returns the failures of the run, 0 once as many answers have come. */
	int failures() {
		return (answersOfRun() < this.failures) ? this.failures : 0;
	}

	/** Returns the answers that count against the run. */
	long answersOfRun() {
		return this.answers.sum() - this.answersBefore;
	}

	/**
	 * Whether there are so many failures that outweigh the answers. Those of one client
	 * alone do so only if nobody had an answer: its requests may be at fault.
	 */
	boolean speaksAgainst(int failuresAllowed) {
		return failures() >= failuresAllowed && (this.severalClients || answersOfRun() == 0);
	}

	/** Begins a run that has so many failures of several clients already. */
	void begin(int failuresSoFar) {
		this.failures = failuresSoFar;
		this.answersBefore = this.answers.sum();
		this.severalClients = true;
	}

	void clear() {
		this.failures = 0;
	}

}
