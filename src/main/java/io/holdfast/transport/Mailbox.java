package io.holdfast.transport;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One connection's frames and events on their way to a worker, handed over one at a time
 * and in order. At most one worker serves a mailbox at any moment; after a batch it goes
 * to the end of the pool's queue, so that a busy connection does not keep a worker from
 * the others.
 */
final class Mailbox implements Runnable {

	private static final int BATCH = 64;

	/** What an entry weighs beside its bytes, so that empty frames are bounded too. */
	private static final int ENTRY_OVERHEAD = 64;

	private final Executor executor;

	private final Owner owner;

	private final Queue<Object> entries = new ConcurrentLinkedQueue<>();

	private final AtomicInteger count = new AtomicInteger();

	private final AtomicInteger bytes = new AtomicInteger();

	Mailbox(Executor executor, Owner owner) {
		this.executor = executor;
		this.owner = owner;
	}

	/**
	 * Queues a frame ({@code byte[]}) or an event (anything else).
	 */
	void add(Object entry) {
		this.bytes.addAndGet(weight(entry));
		this.entries.add(entry);
		if (this.count.getAndIncrement() == 0) {
			schedule();
		}
	}

	/**
	 * What waits at the moment, in bytes.
	 */
	int bytes() {
		return this.bytes.get();
	}

	/**
	 * Looks for a worker again, after {@link Owner#refused()}.
	 */
	void schedule() {
		try {
			this.executor.execute(this);
		}
		catch (RejectedExecutionException ex) {
			this.owner.refused();
		}
	}

	@Override
	public void run() {
		int done = 0;
		Object entry;
		while (done < BATCH && (entry = this.entries.poll()) != null) {
			done++;
			this.owner.deliver(entry);
			this.owner.delivered(this.bytes.addAndGet(-weight(entry)));
		}
		if (this.count.addAndGet(-done) > 0) {
			schedule();
		}
	}

	private static int weight(Object entry) {
		return ENTRY_OVERHEAD + ((entry instanceof byte[] frame) ? frame.length : 0);
	}

	/**
	 * The connection, as its mailbox sees it.
	 */
	interface Owner {

		/**
		 * On a worker: hands one entry over. Must not throw.
		 */
		void deliver(Object entry);

		/**
		 * On a worker: an entry is done, and so much still waits.
		 */
		void delivered(int remainingBytes);

		/**
		 * No worker could be had; the entries stay until {@link Mailbox#schedule()} is
		 * called again.
		 */
		void refused();

	}

}
