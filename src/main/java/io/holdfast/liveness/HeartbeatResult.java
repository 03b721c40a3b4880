package io.holdfast.liveness;

import java.util.Locale;

/**
 * The outcome of a heartbeat. The texts are tags of metrics: they stay as they are.
 */
public enum HeartbeatResult {

	/** We have sent a probe to a silent peer. */
	PROBED,

	/** A peer has answered a probe. */
	ACKNOWLEDGED,

	/** An interval has passed in which no byte of the peer was the answer. */
	MISSED,

	/** A peer's own heartbeat was answered here. */
	ANSWERED,

	/** A peer's empty frame, or its reply to no probe of ours, was dropped. */
	IGNORED;

	/**
	 * The name in metrics.
	 * @return the result in lower case
	 */
	public String text() {
		return name().toLowerCase(Locale.ROOT);
	}

}
