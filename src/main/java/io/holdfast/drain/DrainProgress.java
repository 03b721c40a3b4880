package io.holdfast.drain;

import java.time.Duration;

/**
 * Where the drain of the process stands.
 *
 * @param phase what happens at the moment
 * @param left connections that are still to go; before the drain, all
 * @param closed connections that have ended since they began to leave
 * @param pending those of the left that have something under way
 * @param toGo longest time that it can still take; before the drain, that it would take
 * @param cut connections that have not left in time
 * @param cutWithPending those of them that had something under way
 */
public record DrainProgress(Phase phase, int left, int closed, int pending, Duration toGo, int cut,
		int cutWithPending) {

	/**
	 * The phase of a drain.
	 */
	public enum Phase {

		/** The gateway works as always. */
		SERVING,

		/** It has said that it is not ready, and still accepts. */
		WAITING,

		/** Its ports are closed, and connections leave. */
		LEAVING,

		/** All have left. */
		DRAINED

	}

}
