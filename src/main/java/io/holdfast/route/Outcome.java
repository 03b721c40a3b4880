package io.holdfast.route;

import java.util.Locale;

import io.holdfast.upstream.NoLinkException;

/**
 * The end that a frame came to. The texts are tags of metrics: they stay as they are.
 * <p>
 * Each frame of a client has one outcome; a frame of the upstream shares that of the
 * request that it answers, or has one of its own: relayed or unmatched-reply.
 */
public enum Outcome {

	/**
	 * Sent on, and nothing is owed for it: a frame of either side on a dedicated link
	 * that the kernel has taken whole, or a request whose client had left when the reply
	 * came.
	 */
	RELAYED,

	/** A request whose reply was taken into its client's output. */
	REPLIED,

	/** A request that was sent, and had no reply within the reply timeout. */
	TIMED_OUT,

	/**
	 * A frame that was not sent, because there was no link within the acquire timeout.
	 */
	NO_LINK,

	/** A frame that was sent, at least in part, on a link that then ended. */
	LINK_LOST,

	/**
	 * A frame that was not sent, because too many waited, its client had left, or it does
	 * not fit the upstream's protocol; and a request whose reply does not fit the
	 * listener's.
	 */
	REFUSED,

	/**
	 * A frame of the upstream that no client waited for, or that a client with a link for
	 * itself had not been sent when it went.
	 */
	UNMATCHED_REPLY;

	/**
	 * Returns the outcome of a frame for which there was no link.
	 */
	static Outcome of(NoLinkException refusal) {
		return switch (refusal.reason()) {
			case TOO_MANY_WAITING -> REFUSED;
			case TIMED_OUT, STOPPED -> NO_LINK;
		};
	}

	/**
	 * The name in metrics.
	 * @return the outcome in kebab case
	 */
	public String text() {
		return name().toLowerCase(Locale.ROOT).replace('_', '-');
	}

}
