package io.holdfast.route;

import java.util.Locale;

/**
 * How the clients of a listener share the links to an upstream.
 */
public enum Sharing {

	/**
	 * A link carries one request at a time and goes back to the pool with the reply: for
	 * any protocol of requests and replies.
	 */
	EXCLUSIVE,

	/**
	 * A link carries many requests, and their replies come back in the order of the
	 * requests: for protocols that answer in order.
	 */
	PIPELINED,

	/**
	 * A link carries many requests. The number in the frame is rewritten to be unique on
	 * the link, and restored in the reply: for protocols with a correlation.
	 */
	CORRELATED,

	/**
	 * A link carries the frames of one client, both ways, for that client's life: for
	 * sessions and subscriptions.
	 */
	DEDICATED;

	/**
	 * The name as in the settings.
	 */
	public String text() {
		return name().toLowerCase(Locale.ROOT).replace('_', '-');
	}

}
