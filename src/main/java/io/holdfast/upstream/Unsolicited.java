package io.holdfast.upstream;

/**
 * Takes frames that an upstream sends on a link which nobody holds. Called on the link's
 * event loop; must not block.
 */
@FunctionalInterface
public interface Unsolicited {

	/**
	 * A frame came.
	 * @param first whether nobody else was told before, so that one alone counts it
	 */
	void received(Link link, byte[] frame, boolean first);

}
