package io.holdfast.transport;

import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the threads for work that may block.
 *
 * @param maxConcurrent most connections whose frames are worked on at the same time; at
 * least 1
 * @param queue most connections of one listener that wait for a thread; at least 1
 * @param whenFull what happens to a connection that finds the queue full
 */
public record WorkerSettings(@DefaultValue("256") int maxConcurrent, @DefaultValue("1024") int queue,
		@DefaultValue("wait") WhenFull whenFull) {

	public WorkerSettings {
		if (maxConcurrent < 1) {
			throw new IllegalArgumentException("max-concurrent is " + maxConcurrent + "; must be at least 1");
		}
		if (queue < 1) {
			throw new IllegalArgumentException("queue is " + queue + "; must be at least 1");
		}
	}

	/**
	 * The treatment of a connection whose frames find no worker and a full queue.
	 */
	public enum WhenFull {

		/** It waits behind the queue, and is not read meanwhile. */
		WAIT,

		/** It is closed. */
		REJECT

	}

}
