package io.holdfast.upstream;

import java.time.Duration;

/**
 * One endpoint at one moment.
 *
 * @param address as in the settings, with the address that its name stands for
 * @param state what can be expected of it
 * @param links open ones
 * @param lent those of them that are lent
 * @param idle those of them that are idle
 * @param connecting attempts under way
 * @param failures requests without a reply, 0 as long as they do not outweigh the replies
 * @param connectFailures attempts to connect in a row that failed
 * @param nextAttempt time until it may be connected to again, zero for now
 */
public record EndpointInfo(String address, State state, int links, int lent, int idle, int connecting, int failures,
		int connectFailures, Duration nextAttempt) {

	static EndpointInfo of(Endpoint endpoint, long now) {
		Duration wait = endpoint.isWaiting(now) ? Duration.ofNanos(Math.max(0, endpoint.nextAttemptNanos() - now))
				: Duration.ZERO;
		return new EndpointInfo(endpoint.toString(), state(endpoint), endpoint.open(), endpoint.lent(), endpoint.idle(),
				endpoint.opening(), endpoint.tally().failures(), endpoint.connectFailures(), wait);
	}

	private static State state(Endpoint endpoint) {
		if (endpoint.isEjected()) {
			return State.EJECTED;
		}
		if (endpoint.open() > 0) {
			return State.UP;
		}
		return (endpoint.connectFailures() > 0) ? State.DOWN : State.UNUSED;
	}

	/**
	 * The state of an endpoint.
	 */
	public enum State {

		/** It has links. */
		UP,

		/** It has no links and does not take any. */
		DOWN,

		/** It failed more often than it answered, and gets nothing for a while. */
		EJECTED,

		/** It has no links, and none was refused. */
		UNUSED

	}

}
