package io.holdfast.route;

/**
 * One client's way to the upstream. Belongs to the client's event loop, and goes there by
 * itself where it may be called from any thread.
 */
interface Lane {

	/** The client has connected; nothing has been read from it yet. */
	void opened();

	/** The client has sent a frame. */
	void received(byte[] frame);

	/** The client is gone, and so is whom to reply to. */
	void left();

	/** Any thread: the reply to a request has come, at that time. */
	void answered(Request request, byte[] reply, long nowNanos);

	/** Any thread: a request has failed for good. */
	void failed(Request request, Outcome outcome);

	/**
	 * Any thread: a request has not been sent, because its link has ended; it is to be
	 * tried again.
	 */
	void returned(Request request);

}
