package io.holdfast.route;

/**
 * Whose request is under way, and who is told what became of it: one of the calls below,
 * once. Any thread; it goes to its own loop by itself. None of them throws, so that one
 * client's trouble does not become that of others on the same link.
 */
interface Requester {

	/** The reply to a request has come, at that time. */
	void answered(Request request, byte[] reply, long nowNanos);

	/** The kernel has taken a request that has no reply. */
	void written(Request request);

	/** The request has failed for good. */
	void failed(Request request, Outcome outcome);

	/**
	 * The request has not been sent, because its link has ended; it is to be tried again.
	 */
	void returned(Request request);

}
