package io.holdfast.liveness;

/**
 * What happens when an identity connects that is connected already.
 */
public enum Takeover {

	/** The older connection is closed, as taken-over. */
	CLOSE_OLD,

	/** The newer connection is closed, as identity-in-use. */
	REFUSE_NEW

}
