package io.holdfast.transport;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

import org.springframework.core.task.VirtualThreadTaskExecutor;
import org.springframework.scheduling.concurrent.CustomizableThreadFactory;

/**
 * The bounded threads for work that may block, such as an application's own flow: virtual
 * ones where the JVM has them. Beyond its bounds it refuses, by
 * {@link RejectedExecutionException}; what then happens is
 * {@linkplain WorkerSettings.WhenFull the caller's setting}.
 */
public final class WorkerPool implements Executor, AutoCloseable {

	private static final int FIRST_JAVA_WITH_VIRTUAL_THREADS = 21;

	private static final long KEEP_ALIVE_SECONDS = 30;

	private static final long CLOSE_TIMEOUT_SECONDS = 5;

	private final WorkerSettings settings;

	private final ThreadFactory threadFactory = newThreadFactory();

	private final ThreadPoolExecutor threads;

	private final LongAdder rejected = new LongAdder();

	private final ThreadLocal<Boolean> inside = ThreadLocal.withInitial(() -> false);

	public WorkerPool(WorkerSettings settings) {
		this.settings = settings;
		this.threads = new ThreadPoolExecutor(settings.maxConcurrent(), settings.maxConcurrent(), KEEP_ALIVE_SECONDS,
				TimeUnit.SECONDS, new ArrayBlockingQueue<>(settings.queue()),
				(task) -> this.threadFactory.newThread(() -> {
					this.inside.set(true);
					task.run();
				}));
		this.threads.allowCoreThreadTimeOut(true);
	}

	private static ThreadFactory newThreadFactory() {
		String prefix = "holdfast-worker-";
		if (Runtime.version().feature() >= FIRST_JAVA_WITH_VIRTUAL_THREADS) {
			return new VirtualThreadTaskExecutor(prefix).getVirtualThreadFactory();
		}
		CustomizableThreadFactory factory = new CustomizableThreadFactory(prefix);
		factory.setDaemon(true);
		return factory;
	}

	/**
	 * Runs the task on a worker, now or when one is free. Never blocks.
	 * @throws RejectedExecutionException when every worker is busy and the queue is full
	 */
	@Override
	public void execute(Runnable task) {
		try {
			this.threads.execute(task);
		}
		catch (RejectedExecutionException ex) {
			this.rejected.increment();
			throw ex;
		}
	}

	public WorkerSettings settings() {
		return this.settings;
	}

	/**
	 * Workers that are busy at the moment.
	 */
	public int active() {
		return this.threads.getActiveCount();
	}

	/**
	 * Connections that wait for a worker at the moment.
	 */
	public int queued() {
		return this.threads.getQueue().size();
	}

	/**
	 * How often a connection found the queue full, since the start.
	 */
	public long rejected() {
		return this.rejected.sum();
	}

	/**
	 * Lets the work at hand end, for at most five seconds, then interrupts it. Called by
	 * that work itself, does not wait.
	 */
	@Override
	public void close() {
		this.threads.shutdown();
		if (this.inside.get()) {
			return; // a task of ours stops us: it cannot wait for its own end
		}
		try {
			if (!this.threads.awaitTermination(CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
				this.threads.shutdownNow();
			}
		}
		catch (InterruptedException ex) {
			this.threads.shutdownNow();
			Thread.currentThread().interrupt();
		}
	}

}
