package io.holdfast.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

import org.jspecify.annotations.Nullable;

/**
 * Clients that keep a number of {@link NumberedFrame numbered frames} in flight and check
 * every reply, byte for byte, against their own requests. The correlation number of a
 * request is its sequence number, which starts at 0 with each client: on purpose all
 * clients use the same numbers at the same time.
 *
 * <p>
 * All requests are accounted for: {@link #sent()} is the sum of {@link #replied()},
 * {@link #failed()}, {@link #lost()} and {@link #outstanding()}, once nothing moves.
 */
public final class FrameClients implements AutoCloseable {

	private static final Duration PAUSE = Duration.ofMillis(10);

	private static final int MAX_COMPLAINTS = 5;

	// no two clients of a test run are the same to an upstream
	private static final AtomicInteger NEXT_ID = new AtomicInteger();

	private final List<FrameClient> clients = new ArrayList<>();

	private final CountDownLatch stop = new CountDownLatch(1);

	private final Queue<String> complaints = new ConcurrentLinkedQueue<>();

	private final AtomicLong sent = new AtomicLong();

	private final AtomicLong replied = new AtomicLong();

	private final AtomicLong failed = new AtomicLong();

	private final AtomicLong lost = new AtomicLong();

	private final AtomicLong wrong = new AtomicLong();

	private final AtomicLong duplicated = new AtomicLong();

	private final AtomicLong closed = new AtomicLong();

	private final AtomicLong broken = new AtomicLong();

	private final AtomicLong reconnected = new AtomicLong();

	private FrameClients() {
	}

	/**
	 * Connects all clients, then lets them send.
	 * @throws UncheckedIOException if the port takes no connection
	 */
	public static FrameClients start(Options options) {
		FrameClients clients = new FrameClients();
		try {
			for (int i = 0; i < options.clients(); i++) {
				clients.clients.add(new FrameClient(clients, options, NEXT_ID.getAndIncrement()));
			}
		}
		catch (IOException ex) {
			clients.close();
			throw new UncheckedIOException("client to ports " + options.ports(), ex);
		}
		clients.clients.forEach(FrameClient::start);
		return clients;
	}

	/**
	 * The requests that were sent, or whose sending has at least begun.
	 */
	public long sent() {
		return this.sent.get();
	}

	/**
	 * The requests that got their own content back.
	 */
	public long replied() {
		return this.replied.get();
	}

	/**
	 * The requests that got the failure reply.
	 */
	public long failed() {
		return this.failed.get();
	}

	/**
	 * The requests that had no reply when their connection ended.
	 */
	public long lost() {
		return this.lost.get();
	}

	/**
	 * The requests that have no reply yet. Those left by {@link #stop} stay here.
	 */
	public long outstanding() {
		return this.clients.stream().mapToLong(FrameClient::outstanding).sum();
	}

	/**
	 * The replies that are altered, or of another client or connection, or a failure of
	 * nothing; and, where order is asked for, those that a later one has overtaken, which
	 * count as replied too.
	 */
	public long wrong() {
		return this.wrong.get();
	}

	/**
	 * The replies to requests of the same connection that were answered before.
	 */
	public long duplicated() {
		return this.duplicated.get();
	}

	/**
	 * The connections that the other side has ended.
	 */
	public long closed() {
		return this.closed.get();
	}

	/**
	 * Those of them that were reset, or ended within a frame.
	 */
	public long broken() {
		return this.broken.get();
	}

	/**
	 * The connections made in place of one that had ended.
	 */
	public long reconnected() {
		return this.reconnected.get();
	}

	/**
	 * Stops sending, waits until nothing is outstanding or the time is over, then closes
	 * all connections. A second call does nothing.
	 */
	public void stop(Duration patience) {
		this.stop.countDown();
		this.clients.forEach(FrameClient::stop);
		long start = System.nanoTime();
		while (outstanding() > 0 && System.nanoTime() - start < patience.toNanos()) {
			LockSupport.parkNanos(PAUSE.toNanos());
		}
		try {
			for (FrameClient client : this.clients) {
				client.close();
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * Stops without waiting.
	 */
	@Override
	public void close() {
		stop(Duration.ZERO);
	}

	/**
	 * All numbers, and what was wrong with the first wrong replies.
	 */
	@Override
	public String toString() {
		return "sent=" + this.sent + ", replied=" + this.replied + ", failed=" + this.failed + ", lost=" + this.lost
				+ ", outstanding=" + outstanding() + ", wrong=" + this.wrong + ", duplicated=" + this.duplicated
				+ ", closed=" + this.closed + ", broken=" + this.broken + ", reconnected=" + this.reconnected + " "
				+ this.complaints;
	}

	void sending() {
		this.sent.incrementAndGet();
	}

	void judged(Outstanding.Verdict verdict, byte[] reply, Outstanding outstanding) {
		switch (verdict) {
			case REPLIED -> this.replied.incrementAndGet();
			case FAILED -> this.failed.incrementAndGet();
			case DUPLICATED -> this.duplicated.incrementAndGet();
			case OUT_OF_ORDER -> {
				this.replied.incrementAndGet();
				complain(verdict, reply, outstanding);
			}
			case WRONG -> complain(verdict, reply, outstanding);
		}
	}

	private void complain(Outstanding.Verdict verdict, byte[] reply, Outstanding outstanding) {
		// the words first: who sees the number also sees them
		if (this.wrong.get() < MAX_COMPLAINTS) {
			String content = (reply.length < 16) ? reply.length + " bytes"
					: "number %d, client %d, sequence %d, %d bytes".formatted(NumberedFrame.number(reply),
							NumberedFrame.client(reply), NumberedFrame.sequence(reply), reply.length);
			this.complaints.add(outstanding + ": " + verdict + " (" + content + ")");
		}
		this.wrong.incrementAndGet();
	}

	void connectionEnded(Ending ending, long requests) {
		this.lost.addAndGet(requests);
		if (ending != Ending.OWN) {
			this.closed.incrementAndGet();
		}
		if (ending == Ending.BROKEN) {
			this.broken.incrementAndGet();
		}
	}

	void connectedAgain() {
		this.reconnected.incrementAndGet();
	}

	/**
	 * The pause before another connection.
	 * @return whether there shall be none
	 */
	boolean awaitStop() throws InterruptedException {
		return this.stop.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
	}

	/**
	 * How a connection has ended.
	 */
	enum Ending {

		/** By this side. */
		OWN,

		/** By the other side, after a whole frame. */
		CLOSED,

		/** By the other side, in any other way. */
		BROKEN

	}

	/**
	 * What the clients do.
	 *
	 * @param ports where to connect to, on the loopback: to the first at the beginning,
	 * and each time again to the next
	 * @param clients how many there are
	 * @param depth requests that each has in flight
	 * @param size bytes of a request, at least 16
	 * @param inOrder whether replies must come in the order of the requests
	 * @param failureReply content of a reply that says that a request has failed
	 * @param reconnect whether a client whose connection has ended connects again, until
	 * it succeeds; else it stays away
	 */
	// compared by nobody, so an array does no harm
	@SuppressWarnings("ArrayRecordComponent")
	public record Options(List<Integer> ports, int clients, int depth, int size, boolean inOrder,
			byte @Nullable [] failureReply, boolean reconnect) {

		/**
		 * With one port.
		 */
		public Options(int port, int clients, int depth, int size, boolean inOrder, byte @Nullable [] failureReply,
				boolean reconnect) {
			this(List.of(port), clients, depth, size, inOrder, failureReply, reconnect);
		}

	}

}
