package io.holdfast.transport;

/**
 * Threads for what may block in one factory's connections. Tasks begin in the order in
 * which they came. Any thread may call; nothing here blocks.
 */
interface Workers {

	/**
	 * Runs the task on a worker, unless the queue is full.
	 * @return false if the queue is full or the workers have ended; the task is not run
	 */
	boolean offer(Runnable task);

	/**
	 * Runs the task on a worker, behind those that wait, even if the queue is full. For
	 * tasks that are few: one for each connection.
	 * @return false if the workers have ended, and the task is not run
	 */
	boolean submit(Runnable task);

	/**
	 * Whether other tasks wait for a worker, so that a long one should give way.
	 */
	boolean isAwaited();

	/**
	 * Whether a connection is closed, instead of held up, where the queue is full.
	 */
	boolean rejectsWhenFull();

	/**
	 * Keeps no workers for the factory any longer. What waits is still run.
	 */
	void close();

}
