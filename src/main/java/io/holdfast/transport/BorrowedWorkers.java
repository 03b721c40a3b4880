package io.holdfast.transport;

import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A task executor of the application's, as the connections of one factory see it. What it
 * rejects waits in line here: a thread that is through with one task takes the next, and
 * the first in line is tried again from time to time, since others may have had all the
 * threads.
 */
final class BorrowedWorkers implements Workers {

	private static final Executor RETRY = CompletableFuture.delayedExecutor(50, TimeUnit.MILLISECONDS);

	/** An executor that has ended rejects for ever. */
	private static final int TRIES_AFTER_CLOSE = 100;

	private final Executor executor;

	private final Deque<Runnable> line = new ConcurrentLinkedDeque<>();

	private final AtomicBoolean retrying = new AtomicBoolean();

	private volatile int triesLeft = Integer.MAX_VALUE;

	BorrowedWorkers(Executor executor) {
		this.executor = executor;
	}

	@Override
	public boolean offer(Runnable task) {
		return this.line.isEmpty() && begin(task);
	}

	@Override
	public boolean submit(Runnable task) {
		this.line.addLast(task);
		retryLater();
		return true;
	}

	private boolean begin(Runnable task) {
		try {
			this.executor.execute(() -> work(task));
			return true;
		}
		catch (RejectedExecutionException ex) {
			return false;
		}
	}

	private void work(Runnable first) {
		for (Runnable task = first; task != null; task = this.line.pollFirst()) {
			task.run();
		}
	}

	private void retryLater() {
		if (!this.line.isEmpty() && this.triesLeft > 0 && this.retrying.compareAndSet(false, true)) {
			RETRY.execute(this::retry);
		}
	}

	@SuppressWarnings("NonAtomicVolatileUpdate") // one retry at a time, see retrying
	private void retry() {
		Runnable first = this.line.pollFirst();
		if (first != null && !begin(first)) {
			this.line.addFirst(first);
		}
		if (this.triesLeft < Integer.MAX_VALUE) {
			this.triesLeft = this.triesLeft - 1;
		}
		this.retrying.set(false);
		retryLater();
	}

	@Override
	public boolean isAwaited() {
		return !this.line.isEmpty();
	}

	@Override
	public boolean rejectsWhenFull() {
		return false;
	}

	@Override
	public void close() {
		this.triesLeft = TRIES_AFTER_CLOSE;
	}

}
