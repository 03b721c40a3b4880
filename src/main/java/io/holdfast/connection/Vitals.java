package io.holdfast.connection;

import org.jspecify.annotations.Nullable;

/**
 * Knowledge of a peer from its heartbeats and its first frames. A connection's frame
 * filter that is of this kind too tells it to the registry. Any thread, as of a moment
 * ago.
 */
public interface Vitals {

	/**
	 * Whether a whole frame has come, be it one that the filter has consumed.
	 */
	boolean hasSpoken();

	/**
	 * Whether no byte has come for the heartbeat interval or longer.
	 */
	boolean isSilent();

	/**
	 * Heartbeats that were missed since the last byte came.
	 */
	int missedHeartbeats();

	/**
	 * The identity that the peer claims; null before it has, and where its protocol does
	 * not say.
	 */
	@Nullable String identity();

}
