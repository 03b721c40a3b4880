package io.holdfast.transport;

import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;

import io.holdfast.transport.FairShares.Share;
import io.holdfast.transport.FairShares.Turn;
import org.jspecify.annotations.Nullable;

import org.springframework.core.task.VirtualThreadTaskExecutor;
import org.springframework.scheduling.concurrent.CustomizableThreadFactory;

/**
 * The bounded threads for work that may block, such as an application's own flow: virtual
 * ones where the JVM has them. Each connection factory that uses the pool has a queue and
 * a {@linkplain FairShares share} of its own. A worker that waits for a slow peer does
 * not count: another thread takes its place meanwhile.
 * <p>
 * As a plain {@link Executor} it refuses beyond its bounds, by
 * {@link RejectedExecutionException}.
 */
public final class WorkerPool implements Executor, AutoCloseable {

	private static final int FIRST_JAVA_WITH_VIRTUAL_THREADS = 21;

	private static final boolean VIRTUAL = Runtime.version().feature() >= FIRST_JAVA_WITH_VIRTUAL_THREADS;

	private static final long KEEP_ALIVE_SECONDS = 30;

	private static final long CLOSE_TIMEOUT_SECONDS = 5;

	private static final ThreadLocal<@Nullable Worker> CURRENT = new ThreadLocal<>();

	private final WorkerSettings settings;

	/** Has as many threads as it is given work; the shares bound that. */
	private final ThreadPoolExecutor threads = new ThreadPoolExecutor(0, Integer.MAX_VALUE, KEEP_ALIVE_SECONDS,
			TimeUnit.SECONDS, new SynchronousQueue<>(), newThreadFactory());

	private final LongAdder rejected = new LongAdder();

	private final ReentrantLock lock = new ReentrantLock();

	/** Guarded by the lock. */
	private final FairShares shares;

	/** Has what is given to the pool as an executor; no worker is kept for it. */
	private final Share common = new Share();

	/** Workers that wait for peers. Guarded by the lock. */
	private int waiting;

	/** Guarded by the lock. */
	private boolean closed;

	/** Guarded by the lock. */
	private boolean stopped;

	public WorkerPool(WorkerSettings settings) {
		this.settings = settings;
		this.shares = new FairShares(settings.maxConcurrent());
	}

	private static ThreadFactory newThreadFactory() {
		String prefix = "holdfast-worker-";
		if (VIRTUAL) {
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
		if (!begin(this.common, task, /* evenIfFull= */ false)) {
			throw new RejectedExecutionException("no worker is free and " + this.settings.queue() + " tasks wait");
		}
	}

	/** Adds a share for the connections of one factory. */
	Workers share() {
		this.lock.lock();
		try {
			return new FactoryShare(this.shares.add());
		}
		finally {
			this.lock.unlock();
		}
	}

	private boolean begin(Share share, Runnable task, boolean evenIfFull) {
		Turn turn;
		this.lock.lock();
		try {
			if (this.closed && !isInside()) {
				return false;
			}
			if (!evenIfFull && share.queued() >= this.settings.queue()) {
				this.rejected.increment();
				return false;
			}
			this.shares.queue(share, task);
			turn = this.shares.next();
		}
		finally {
			this.lock.unlock();
		}
		start(turn);
		return true;
	}

	private void start(@Nullable Turn turn) {
		if (turn == null) {
			return;
		}
		try {
			this.threads.execute(new Worker(turn));
		}
		catch (RejectedExecutionException ex) {
			// closed meanwhile: whoever is at work now takes it next
			takeBack(turn);
		}
		catch (Error ex) {
			// the system gives no thread: likewise
			takeBack(turn);
			throw ex;
		}
	}

	private void takeBack(Turn turn) {
		this.lock.lock();
		try {
			this.shares.takeBack(turn);
		}
		finally {
			this.lock.unlock();
		}
	}

	private @Nullable Turn nextAfter(Turn done) {
		this.lock.lock();
		try {
			this.shares.vacate(done.share());
			return this.stopped ? null : this.shares.next();
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Gives the calling worker's place to others while it waits for a peer. Changes
	 * nothing on threads that are no workers.
	 * @return false if too many wait already; this one must not, then. Where threads are
	 * virtual there is no such limit
	 */
	static boolean beginWait() {
		Worker worker = CURRENT.get();
		return worker == null || worker.vacate();
	}

	/**
	 * Goes on after {@link #beginWait()}, at once even if all places are taken: those who
	 * have them may be waiting for what the caller holds.
	 */
	static void endWait() {
		Worker worker = CURRENT.get();
		if (worker != null) {
			worker.occupy();
		}
	}

	private boolean isInside() {
		Worker worker = CURRENT.get();
		return worker != null && worker.pool() == this;
	}

	public WorkerSettings settings() {
		return this.settings;
	}

	/**
	 * Workers that are busy at the moment, without those that wait for a peer.
	 */
	public int active() {
		return this.shares.active();
	}

	/**
	 * Connections that wait for a worker at the moment.
	 */
	public int queued() {
		return this.shares.queued();
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
		end(/* now= */ false);
		this.threads.shutdown();
		if (isInside()) {
			return; // a task of ours stops us: it cannot wait for its own end
		}
		try {
			if (!this.threads.awaitTermination(CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
				end(/* now= */ true);
			}
		}
		catch (InterruptedException ex) {
			end(/* now= */ true);
			Thread.currentThread().interrupt();
		}
	}

	private void end(boolean now) {
		this.lock.lock();
		try {
			this.closed = true;
			this.stopped = now;
		}
		finally {
			this.lock.unlock();
		}
		if (now) {
			this.threads.shutdownNow();
		}
	}

	/** A run of tasks on one thread, for as long as there are any. */
	private final class Worker implements Runnable {

		private @Nullable Turn turn;

		Worker(Turn first) {
			this.turn = first;
		}

		WorkerPool pool() {
			return WorkerPool.this;
		}

		@Override
		public void run() {
			CURRENT.set(this);
			try {
				for (Turn now = this.turn; now != null; now = this.turn) {
					work(now);
				}
			}
			finally {
				CURRENT.remove();
				// left only by an error, which ends this thread
				start(this.turn);
			}
		}

		private void work(Turn now) {
			try {
				now.task().run();
			}
			finally {
				this.turn = nextAfter(now);
			}
		}

		private Share share() {
			return Objects.requireNonNull(this.turn).share();
		}

		boolean vacate() {
			Turn other;
			WorkerPool.this.lock.lock();
			try {
				if (!VIRTUAL && WorkerPool.this.waiting >= WorkerPool.this.settings.maxConcurrent()) {
					return false;
				}
				WorkerPool.this.waiting++;
				WorkerPool.this.shares.vacate(share());
				other = WorkerPool.this.shares.next();
			}
			finally {
				WorkerPool.this.lock.unlock();
			}
			start(other);
			return true;
		}

		void occupy() {
			WorkerPool.this.lock.lock();
			try {
				WorkerPool.this.waiting--;
				WorkerPool.this.shares.occupy(share());
			}
			finally {
				WorkerPool.this.lock.unlock();
			}
		}

	}

	/** The pool, as the connections of one factory see it. */
	private final class FactoryShare implements Workers {

		private final Share share;

		FactoryShare(Share share) {
			this.share = share;
		}

		@Override
		public boolean offer(Runnable task) {
			return begin(this.share, task, /* evenIfFull= */ false);
		}

		@Override
		public boolean submit(Runnable task) {
			return begin(this.share, task, /* evenIfFull= */ true);
		}

		@Override
		public boolean isAwaited() {
			return WorkerPool.this.shares.queued() > 0;
		}

		@Override
		public boolean rejectsWhenFull() {
			return WorkerPool.this.settings.whenFull() == WorkerSettings.WhenFull.REJECT;
		}

		@Override
		public void close() {
			WorkerPool.this.lock.lock();
			try {
				WorkerPool.this.shares.remove(this.share);
			}
			finally {
				WorkerPool.this.lock.unlock();
			}
		}

	}

}
