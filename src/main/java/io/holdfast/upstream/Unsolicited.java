package io.holdfast.upstream;

/**
 * Takes frames that an upstream sends on a link which nobody holds. Called on the link's
 * event loop; must not block.
 */
@FunctionalInterface
public interface Unsolicited {

	void received(Link link, byte[] frame);

}
