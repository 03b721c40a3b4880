package io.holdfast.upstream;

import io.holdfast.upstream.Waiters.Waiter;
import org.jspecify.annotations.Nullable;

/**
 * Lets borrowers wait for a link of a pool, and refuses those that are too many or whose
 * time is over. While the pool is paused, and for the acquire timeout after that,
 * nobody's time is over before the pause timeout. Guarded by the pool's lock, but for
 * {@link #isPaused()}.
 */
final class Waiting {

	private final String name;

	private final Stock stock;

	private final Alarm alarm;

	private volatile boolean paused;

	/** Before this time nobody is refused for having waited, null for no such time. */
	private @Nullable Long patientUntilNanos;

	private long timeouts;

	/**
	 * Nobody waits.
	 * @param name of the upstream, for what the refused are told
	 */
	Waiting(String name, Stock stock, Alarm alarm) {
		this.name = name;
		this.stock = stock;
		this.alarm = alarm;
	}

	/** Any thread. */
	boolean isPaused() {
		return this.paused;
	}

	/** How many have waited in vain. */
	long timeouts() {
		return this.timeouts;
	}

	/**
	 * Lets a borrower wait.
	 * @return false if it is refused, because too many wait
	 */
	boolean add(Borrower borrower) {
		Waiters waiters = this.stock.waiters();
		LinksSettings settings = this.stock.settings();
		if (waiters.count() >= settings.maxWaiting()) {
			refuse(borrower, NoLinkException.Reason.TOO_MANY_WAITING,
					"refused, because max-waiting=%d wait already".formatted(settings.maxWaiting()));
			return false;
		}
		long now = this.stock.now();
		long deadline = borrower.deadlineNanos(now + settings.acquireTimeout().toNanos());
		waiters.add(borrower, now, deadline);
		this.alarm.at(deadline);
		return true;
	}

	void refuse(Borrower borrower, NoLinkException.Reason reason, String what) {
		NoLinkException refusal = new NoLinkException(reason,
				"upstream '%s' - %s (open=%d of %d, idle=%d, waiting=%d%s)".formatted(this.name, what,
						this.stock.links().size(), this.stock.settings().max(), this.stock.endpoints().idle(),
						this.stock.waiters().count(), this.paused ? ", paused" : ""));
		Stock.run(borrower.eventLoop(), () -> borrower.refused(refusal));
	}

	void refuseAll() {
		Waiters waiters = this.stock.waiters();
		waiters.forEach((waiter) -> refuse(waiter.borrower(), NoLinkException.Reason.STOPPED, "stopped"));
		waiters.clear();
	}

	/**
	 * Refuses those whose time is over, and has the pool called when the next one's is.
	 */
	void expire(long now) {
		Long patient = this.patientUntilNanos;
		if (patient != null && now - patient < 0) {
			this.alarm.at(patient);
			return;
		}
		this.patientUntilNanos = null;
		Waiter first = this.stock.waiters().first();
		while (first != null && now - first.deadlineNanos() >= 0) {
			this.timeouts++;
			refuse(first.borrower(), NoLinkException.Reason.TIMED_OUT, timeIsOver());
			this.stock.waiters().remove(first.borrower());
			first = this.stock.waiters().first();
		}
		if (first != null) {
			this.alarm.at(first.deadlineNanos());
		}
	}

	private String timeIsOver() {
		return this.paused
				? "no link, because it has been paused for longer than pause-timeout=%d ms"
					.formatted(this.stock.settings().pauseTimeout().toMillis())
				: "no link within %d ms".formatted(this.stock.settings().acquireTimeout().toMillis());
	}

	/** Whoever waits is kept for the pause timeout from now on. */
	void pause(long now) {
		this.paused = true;
		this.patientUntilNanos = now + this.stock.settings().pauseTimeout().toNanos();
	}

	/** Whoever waits has the acquire timeout from now on. */
	void resume(long now) {
		this.paused = false;
		long patient = now + this.stock.settings().acquireTimeout().toNanos();
		this.patientUntilNanos = patient;
		this.alarm.at(patient);
	}

}
