package io.holdfast.route;

/**
 * What becomes of a frame that comes from an upstream while no client waits for it.
 */
public enum Unmatched {

	/** It is dropped, and counted. */
	DROP,

	/**
	 * The link that it came on is closed, because requests and replies may be mixed up.
	 */
	CLOSE,

	/** Every client of the listener gets it. */
	BROADCAST

}
