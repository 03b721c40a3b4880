package io.holdfast.transport;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;

/**
 * One connection's frames and events on their way to a worker, handed over one at a time
 * and in order. At most one worker serves a mailbox at any moment; after a batch it goes
 * to the end of the queue, so that a busy connection does not keep a worker from the
 * others. No worker serves it while it is parked, whatever waits in it.
 */
final class Mailbox implements Runnable {

	private static final int BATCH = 64;

	/** A batch ends after this, too, where others wait for a worker. */
	private static final long BATCH_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

	/**
	 * Bytes that an entry counts beside its own, so that empty frames are bounded too.
	 */
	private static final int ENTRY_OVERHEAD = 64;

	/** Added to the count while parked; more than there can be entries. */
	private static final int PARKED = 1 << 30;

	private static final ThreadLocal<@Nullable Mailbox> CURRENT = new ThreadLocal<>();

	private final Workers workers;

	private final Owner owner;

	private final Queue<Object> entries = new ConcurrentLinkedQueue<>();

	/** Entries that are not done. Who raises it from 0 looks for a worker. */
	private final AtomicInteger count = new AtomicInteger();

	private final AtomicInteger bytes = new AtomicInteger();

	Mailbox(Workers workers, Owner owner) {
		this.workers = workers;
		this.owner = owner;
	}

	/**
	 * Queues a frame.
	 * @return false if the workers' queue was full, so that a worker comes late
	 */
	boolean addFrame(byte[] frame) {
		if (!add(frame) || this.workers.offer(this)) {
			return true;
		}
		this.workers.submit(this);
		return false;
	}

	/**
	 * Queues an event, any object that is no frame.
	 */
	void addEvent(Object event) {
		if (add(event)) {
			this.workers.submit(this);
		}
	}

	/** Queues an entry, and tells whether a worker is to be found for it. */
	private boolean add(Object entry) {
		this.bytes.addAndGet(weight(entry));
		this.entries.add(entry);
		return this.count.getAndIncrement() == 0;
	}

	/**
	 * Whether a connection that finds the workers' queue full is to be closed.
	 */
	boolean rejectsWhenFull() {
		return this.workers.rejectsWhenFull();
	}

	/**
	 * Bytes that wait at the moment.
	 */
	int bytes() {
		return this.bytes.get();
	}

	/**
	 * Whether the calling thread is handing an entry over.
	 */
	boolean isServedHere() {
		return CURRENT.get() == this;
	}

	/**
	 * Any thread: whether no worker serves it, see {@link Owner#parks()}.
	 */
	boolean isParked() {
		return this.count.get() >= PARKED;
	}

	/**
	 * Any thread: goes on if it is parked.
	 */
	void unpark() {
		for (int now = this.count.get(); now >= PARKED; now = this.count.get()) {
			if (this.count.compareAndSet(now, now - PARKED)) {
				if (now > PARKED) {
					this.workers.submit(this);
				}
				return;
			}
		}
	}

	@Override
	public void run() {
		// a task executor may run it in the thread of another
		Mailbox outer = CURRENT.get();
		CURRENT.set(this);
		int done = 0;
		boolean parks = false;
		try {
			long begun = System.nanoTime();
			while (!parks && (done == 0 || mayGoOn(done, begun))) {
				Object entry = this.entries.poll();
				if (entry == null) {
					break;
				}
				done++;
				parks = handOver(entry);
			}
		}
		finally {
			CURRENT.set(outer);
			finish(done, parks);
		}
	}

	private boolean mayGoOn(int done, long begun) {
		return done < BATCH && !(this.workers.isAwaited() && System.nanoTime() - begun > BATCH_NANOS);
	}

	private boolean handOver(Object entry) {
		try {
			this.owner.deliver(entry);
		}
		finally {
			this.owner.delivered(this.bytes.addAndGet(-weight(entry)));
		}
		return this.owner.parks();
	}

	private void finish(int done, boolean parks) {
		if (parks) {
			this.count.addAndGet(PARKED - done);
			this.owner.parked();
		}
		else if (this.count.addAndGet(-done) > 0) {
			this.workers.submit(this);
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
		 * On a worker: hands one entry over. Throws only what ends the worker.
		 */
		void deliver(Object entry);

		/**
		 * On a worker: an entry is done, and so much still waits.
		 */
		void delivered(int remainingBytes);

		/**
		 * On a worker, after each entry: whether nothing more is to be handed over until
		 * {@link Mailbox#unpark()}.
		 */
		boolean parks();

		/**
		 * On a worker: it is parked now, so that an {@code unpark} counts.
		 */
		void parked();

	}

}
