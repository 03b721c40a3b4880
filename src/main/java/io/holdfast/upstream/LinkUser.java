package io.holdfast.upstream;

/**
 * The holder of a link at the moment. Called on the link's event loop; must not block.
 */
public interface LinkUser {

	/**
	 * The upstream has sent a frame.
	 */
	void received(Link link, byte[] frame);

	/**
	 * The link can be written to again, after {@link Link#isWritable()} was false.
	 */
	void writable(Link link);

	/**
	 * The link has ended, from whatever side. The last call; there is nothing to give
	 * back.
	 */
	void lost(Link link);

}
