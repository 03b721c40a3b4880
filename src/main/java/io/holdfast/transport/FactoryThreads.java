package io.holdfast.transport;

import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

/**
 * The threads of one factory: those it was given, and its own in place of those it was
 * not. Its own end when it stops and are made anew when it starts again.
 */
final class FactoryThreads {

	private static final WorkerSettings OWN_WORKERS = new WorkerSettings(256, 1024, WorkerSettings.WhenFull.WAIT);

	private static final long CLOSE_TIMEOUT_SECONDS = 6;

	private final @Nullable EventLoops sharedLoops;

	private @Nullable Executor sharedExecutor;

	private @Nullable EventLoops ownLoops;

	private @Nullable WorkerPool ownWorkers;

	private @Nullable Workers workers;

	FactoryThreads(@Nullable EventLoops shared) {
		this.sharedLoops = shared;
	}

	synchronized void useExecutor(Executor executor) {
		this.sharedExecutor = executor;
		this.workers = null;
	}

	synchronized EventLoops loops() {
		if (this.sharedLoops != null) {
			return this.sharedLoops;
		}
		if (this.ownLoops == null) {
			this.ownLoops = EventLoops.forThisMachine();
		}
		return this.ownLoops;
	}

	synchronized Executor executor() {
		if (this.sharedExecutor != null) {
			return this.sharedExecutor;
		}
		if (this.ownWorkers == null) {
			this.ownWorkers = new WorkerPool(OWN_WORKERS);
		}
		return this.ownWorkers;
	}

	/** Where what may block is done: at a share of the pool, or by a foreign executor. */
	synchronized Workers workers() {
		Workers used = this.workers;
		if (used == null) {
			Executor executor = executor();
			used = (executor instanceof WorkerPool pool) ? pool.share() : new BorrowedWorkers(executor);
			this.workers = used;
		}
		return used;
	}

	/**
	 * Stops the factory, lets its connections send what they owe and tell their end, and
	 * ends its own threads. Waits for neither on an event loop's thread.
	 * @param open the connections that the stop will close
	 */
	void closeAfter(List<NettyTcpConnection> open, Runnable stop) {
		stop.run();
		if (!EventLoops.isCurrentThread()) {
			long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(CLOSE_TIMEOUT_SECONDS);
			open.forEach((connection) -> connection.awaitGone(deadline));
		}
		close();
	}

	private void close() {
		EventLoops loops;
		WorkerPool pool;
		Workers used;
		synchronized (this) {
			loops = this.ownLoops;
			pool = this.ownWorkers;
			used = this.workers;
			this.ownLoops = null;
			this.ownWorkers = null;
			this.workers = null;
		}
		if (loops != null) {
			loops.close();
		}
		if (used != null) {
			used.close();
		}
		if (pool != null) {
			pool.close();
		}
	}

}
