package io.holdfast.route;

/**
 * One client's way to the upstream. Belongs to the client's event loop.
 */
interface Lane {

	/** The client has connected; nothing has been read from it yet. */
	void opened();

	/** The client has sent a frame. */
	void received(byte[] frame);

	/**
	 * Returns until when the client has waited for what it is owed: now if it still does.
	 */
	long owedUntilNanos();

	/** The client is gone, and so is whom to reply to. */
	void left();

}
