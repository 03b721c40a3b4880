package io.holdfast.upstream;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether an upstream and its endpoints can be relied on: up or down, banned or not, and
 * when to try again. Tells the log of each change, once. Guarded by the pool's lock.
 */
final class Condition {

	private static final Logger logger = LoggerFactory.getLogger(Upstream.class);

	/** A ban grows to this many times its first length. */
	private static final int MAX_BAN_FACTOR = 10;

	private final String name;

	private final Endpoints endpoints;

	private final Backoff backoff;

	private final EjectionSettings ejection;

	private State state = State.UNTRIED;

	private long downSinceNanos;

	private int attempts;

	private boolean limited;

	private long limitedSinceNanos;

	Condition(String name, UpstreamSettings settings, Endpoints endpoints) {
		this.name = name;
		this.endpoints = endpoints;
		this.backoff = new Backoff(settings.reconnect());
		this.ejection = settings.ejection();
	}

	boolean isDown() {
		return this.state == State.UNREACHABLE || this.state == State.UNANSWERED;
	}

	/** How long a link must live to prove that its endpoint takes connections. */
	long provingNanos() {
		return this.backoff.settings().initial().toNanos();
	}

	/** A link that was opened then has lived that long. */
	void lived(Endpoint endpoint, long openedNanos, long now) {
		if (endpoint.connectFailures() > 0 && endpoint.tally().failures() == 0 && endpoint.reached(openedNanos)
				&& this.state == State.UNREACHABLE) {
			backUp(endpoint, now);
		}
	}

	void connected(Endpoint endpoint, long now) {
		if (this.limited) {
			this.limited = false;
			logger.info("upstream '{}' - can open links again, after {} ms", this.name,
					Duration.ofNanos(now - this.limitedSinceNanos).toMillis());
		}
		if (this.state == State.UNTRIED) {
			this.state = State.UP;
			logger.info("upstream '{}' - up, connected to {}", this.name, endpoint);
		}
		else if (this.state == State.UNREACHABLE && !endpoint.isFleeting()) {
			backUp(endpoint, now);
		}
	}

	private void backUp(Endpoint endpoint, long now) {
		this.state = State.UP;
		logger.info("upstream '{}' - up again after {} ms and {} failed attempts, by {}", this.name,
				Duration.ofNanos(now - this.downSinceNanos).toMillis(), this.attempts, endpoint);
		this.attempts = 0;
	}

	void connectFailed(Endpoint endpoint, Throwable cause, boolean noLinks, long now) {
		this.attempts++;
		if (cause instanceof FleetingLinkException) {
			endpoint.beFleeting();
		}
		// those that ran side by side fail together, which is one failure
		if (!endpoint.isWaiting(now)) {
			int failures = endpoint.connectFailed(now);
			Duration wait = this.backoff.after(failures, ThreadLocalRandom.current().nextDouble());
			endpoint.mayConnectAt(now + wait.toNanos());
		}
		if (noLinks && !isDown()) {
			this.state = State.UNREACHABLE;
			this.downSinceNanos = now;
			logger.warn(
					"upstream '{}' - down, no link is left: {}: {}; tried again from every {} ms to every {} ms,"
							+ " see whether the server runs and can be reached from here",
					this.name, endpoint, ConnectCause.of(cause).words(), this.backoff.settings().initial().toMillis(),
					this.backoff.settings().max().toMillis());
		}
		else if (logger.isDebugEnabled()) {
			logger.debug("upstream '{}' - cannot connect to {}: {}; {} failures in a row, next attempt in {} ms",
					this.name, endpoint, ConnectCause.of(cause).words(), endpoint.connectFailures(),
					Duration.ofNanos(endpoint.nextAttemptNanos() - now).toMillis());
		}
	}

	/**
	 * An attempt failed for a limit of this gateway's own, which is not held against the
	 * endpoint.
	 */
	void limited(ConnectCause cause, boolean noLinks, long now) {
		this.attempts++;
		if (!this.limited) {
			this.limited = true;
			this.limitedSinceNanos = now;
			logger.warn(
					"upstream '{}' - cannot open links: {}, which is a limit of this gateway's own machine; links that"
							+ " are open go on, others are tried again every {} ms, see the limit of open files"
							+ " (ulimit -n, LimitNOFILE) and the range of local ports",
					this.name, cause.words(), this.backoff.settings().initial().toMillis());
		}
		if (noLinks && !isDown()) {
			this.state = State.UNREACHABLE;
			this.downSinceNanos = now;
		}
	}

	/**
	 * A link that was opened then has answered for the first time, or when that was
	 * waited for.
	 */
	void answered(Endpoint endpoint, long openedNanos, long now) {
		if (endpoint.isSuspect()) {
			if (endpoint.wasEjected()) {
				logger.info("upstream '{}' - endpoint {} answers again", this.name, endpoint);
			}
			endpoint.answersAgain();
		}
		endpoint.reached(openedNanos);
		if (isDown()) {
			backUp(endpoint, now);
		}
	}

	/**
	 * A request or a heartbeat had no answer, because the time was over or the link was
	 * lost.
	 * @param client whose request it was
	 * @return whether the endpoint is ejected for it
	 */
	boolean failed(Endpoint endpoint, Object client, boolean timedOut, long now) {
		Tally tally = endpoint.tally();
		tally.failed(client, now);
		if (endpoint.isEjected() || !tally.speaksAgainst(this.ejection.afterFailures())) {
			return false;
		}
		if (this.endpoints.hasOtherThan(endpoint)) {
			eject(endpoint, now);
			return true;
		}
		if (timedOut && !isDown()) {
			this.state = State.UNANSWERED;
			this.downSinceNanos = now;
			endpoint.awaitAnswer();
			logger.warn(
					"upstream '{}' - down, {} requests or heartbeats had no reply and {} had one: {};"
							+ " see whether it can be reached, and what keeps the server busy",
					this.name, tally.failures(), tally.answersOfRun(), endpoint);
		}
		return false;
	}

	private void eject(Endpoint endpoint, long now) {
		int times = Math.min(MAX_BAN_FACTOR, endpoint.eject());
		Duration ban = this.ejection.duration().multipliedBy(times);
		endpoint.ejectUntil(now + ban.toNanos());
		logger.warn("upstream '{}' - endpoint {} ejected for {} ms after {} failures and {} replies; {} of {} are left",
				this.name, endpoint, ban.toMillis(), endpoint.tally().failures(), endpoint.tally().answersOfRun(),
				this.endpoints.usable(), this.endpoints.count());
	}

	void endBans(long now) {
		this.endpoints.stream()
			.filter((endpoint) -> endpoint.isBanOver(now))
			.forEach((endpoint) -> endpoint.takeBackOnTrial(this.ejection.afterFailures()));
	}

	private enum State {

		UNTRIED, UP,

		/** No link is open, and none can be opened. */
		UNREACHABLE,

		/** Links can be opened, but what is sent has no reply. */
		UNANSWERED

	}

}
