package io.holdfast.transport;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

import org.springframework.util.unit.DataSize;

/**
 * How much output a peer may leave unread, and for how long. Reading from a connection
 * pauses at half of {@code maxPending}; a sender that may block waits at
 * {@code maxPending}; one that may not closes the connection there. A worker that answers
 * a frame of the connection itself waits at twice as much.
 *
 * @param maxPending bytes that may wait to be taken by the peer; a single larger frame is
 * still sent when nothing else waits
 * @param sendTimeout how long a peer may take no byte at all while it holds up reading or
 * a sender, before the connection is closed
 * @param minRate bytes a second that it must take meanwhile, averaged over the send
 * timeout; null for any
 */
public record OutputLimits(int maxPending, Duration sendTimeout, @Nullable DataSize minRate) {

	/** 256 kB, 30 seconds. */
	public static final OutputLimits DEFAULT = new OutputLimits(256 * 1024, Duration.ofSeconds(30));

	/**
	 * Limits without a least rate.
	 */
	public OutputLimits(int maxPending, Duration sendTimeout) {
		this(maxPending, sendTimeout, null);
	}

	public OutputLimits {
		if (maxPending < 1) {
			throw new IllegalArgumentException("maxPending is " + maxPending + "; must be at least 1 byte");
		}
		if (sendTimeout.isNegative() || sendTimeout.isZero()) {
			throw new IllegalArgumentException("sendTimeout is " + sendTimeout + "; must be positive");
		}
	}

	/** Bytes that must be taken in a send timeout. */
	long leastBytes() {
		DataSize rate = this.minRate;
		return (rate != null) ? Math.max(1, (long) (rate.toBytes() * (this.sendTimeout.toNanos() / 1e9))) : 1;
	}

}
