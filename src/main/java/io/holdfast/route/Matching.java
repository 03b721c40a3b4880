package io.holdfast.route;

import org.jspecify.annotations.Nullable;

/**
 * Finds the request that a reply on a shared link belongs to. Belongs to the link's loop.
 */
interface Matching {

	/**
	 * Takes note of a request that is about to be sent, and may change its frame.
	 */
	void sending(Request request);

	/**
	 * The request has not been sent after all: forgets it, and undoes what was changed.
	 */
	void notSent(Request request);

	/**
	 * Finds the request and forgets it. May change the reply.
	 * @return null if the reply belongs to none
	 */
	@Nullable Request answered(byte[] reply);

	/**
	 * Returns whether a late reply can be told apart from those to later requests. If
	 * not, a link is of no use once a reply is overdue.
	 */
	boolean survivesMissingReply();

}
