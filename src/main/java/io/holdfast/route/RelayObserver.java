package io.holdfast.route;

/**
 * Is told how long replies take. Called on event loops for each reply; must return at
 * once.
 */
@FunctionalInterface
public interface RelayObserver {

	/**
	 * A reply was handed to its client.
	 * @param nanos since the request was received
	 */
	void replied(long nanos);

}
