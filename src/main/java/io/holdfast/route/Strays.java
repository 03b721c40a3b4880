package io.holdfast.route;

import io.holdfast.upstream.Link;

/**
 * Takes frames of an upstream that no client waits for. On the link's loop.
 */
interface Strays {

	/** A frame that answers nothing. */
	void unmatched(Link link, byte[] frame);

	/** A reply to a request whose time was over, or whose client had left. */
	void late();

}
