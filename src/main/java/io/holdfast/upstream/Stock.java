package io.holdfast.upstream;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;

import io.holdfast.transport.EventLoops;
import io.netty.channel.EventLoop;

/**
 * The contents of a pool: its links, their endpoints, and the borrowers that wait.
 * Guarded by the pool's lock.
 *
 * @param settings bounds of the pool
 * @param loops where the links live
 * @param endpoints have the idle links
 * @param links all links, the oldest first
 * @param waiters borrowers that wait
 */
record Stock(LinksSettings settings, EventLoops loops, Endpoints endpoints, Set<Link> links, Waiters waiters) {

	/** A pool without links. */
	static Stock empty(LinksSettings settings, EventLoops loops, Endpoints endpoints) {
		return new Stock(settings, loops, endpoints, new LinkedHashSet<>(), new Waiters());
	}

	long now() {
		return this.loops.nanoTime();
	}

	/**
	 * Has a loop run a task.
	 * @return false if the loop has ended, so that nothing on it matters any more
	 */
	static boolean run(EventLoop loop, Runnable task) {
		try {
			loop.execute(task);
			return true;
		}
		catch (RejectedExecutionException ex) {
			return false;
		}
	}

}
