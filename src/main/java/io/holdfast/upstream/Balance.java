package io.holdfast.upstream;

/**
 * Which endpoint of an upstream the next link is taken from.
 */
public enum Balance {

	/** One after the other. */
	ROUND_ROBIN,

	/** The one with the fewest frames in flight. */
	LEAST_PENDING

}
