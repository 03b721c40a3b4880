package io.holdfast.testing;

import java.util.Arrays;
import java.util.NavigableSet;
import java.util.TreeSet;

import io.holdfast.testing.FrameClients.Options;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one client that have no reply yet, and what a reply to them is worth.
 * All methods hold the lock of this object.
 *
 * <p>
 * Requests are made from their sequence numbers alone, so the expected reply can be made
 * again, and a number of this connection that is not outstanding was answered before.
 *
 * <p>
 * A failure reply does not say which request it answers. In order it is the oldest. In
 * any order it stays open: one of them is {@code failedAny}, and when as many have failed
 * as are left, those are the ones.
 */
final class Outstanding {

	private final int client;

	private final Options options;

	private final NavigableSet<Long> sequences = new TreeSet<>();

	private int failedAny;

	// sequence numbers go on over all connections of a client
	private long firstOfConnection;

	private long next;

	private long lastAnswered = -1;

	private boolean stopped;

	Outstanding(int client, Options options) {
		this.client = client;
		this.options = options;
	}

	/**
	 * Makes the next request.
	 * @return {@code null} after {@link #stop()}
	 */
	synchronized byte @Nullable [] next() {
		if (this.stopped) {
			return null;
		}
		long sequence = this.next++;
		this.sequences.add(sequence);
		return content(sequence);
	}

	synchronized void stop() {
		this.stopped = true;
	}

	synchronized int size() {
		return this.sequences.size() - this.failedAny;
	}

	/**
	 * Forgets what was sent on a connection that has ended.
	 * @return how many requests that were
	 */
	synchronized int lose() {
		int lost = size();
		this.sequences.clear();
		this.failedAny = 0;
		this.firstOfConnection = this.next;
		return lost;
	}

	synchronized Verdict judge(byte[] reply) {
		byte[] failureReply = this.options.failureReply();
		if (failureReply != null && Arrays.equals(reply, failureReply)) {
			return fail();
		}
		if (reply.length != this.options.size()) {
			return Verdict.WRONG;
		}
		long sequence = NumberedFrame.sequence(reply);
		if (sequence < this.firstOfConnection || sequence >= this.next || !Arrays.equals(reply, content(sequence))) {
			return Verdict.WRONG;
		}
		if (!this.sequences.remove(sequence)) {
			return Verdict.DUPLICATED;
		}
		forgetFailed();
		boolean late = sequence < this.lastAnswered;
		this.lastAnswered = Math.max(this.lastAnswered, sequence);
		return (this.options.inOrder() && late) ? Verdict.OUT_OF_ORDER : Verdict.REPLIED;
	}

	private Verdict fail() {
		if (size() == 0) {
			return Verdict.WRONG;
		}
		if (this.options.inOrder()) {
			this.lastAnswered = Math.max(this.lastAnswered, this.sequences.first());
			this.sequences.remove(this.sequences.first());
		}
		else {
			this.failedAny++;
			forgetFailed();
		}
		return Verdict.FAILED;
	}

	private void forgetFailed() {
		if (size() == 0) {
			this.sequences.clear();
			this.failedAny = 0;
		}
	}

	private byte[] content(long sequence) {
		return NumberedFrame.content((int) sequence, this.client, sequence, this.options.size());
	}

	@Override
	public synchronized String toString() {
		return "client " + this.client + ", outstanding " + this.sequences;
	}

	/**
	 * What a reply is worth.
	 */
	enum Verdict {

		REPLIED, FAILED, DUPLICATED, OUT_OF_ORDER, WRONG;

		/**
		 * Whether a request has got its answer, so that another one may be sent.
		 */
		boolean isAnswer() {
			return this == REPLIED || this == FAILED || this == OUT_OF_ORDER;
		}

	}

}
