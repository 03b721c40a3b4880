package io.holdfast.transport;

/**
 * Which thread hands a connection's frames and events to Spring Integration. Either way
 * they come one at a time and in order.
 */
public enum Delivery {

	/**
	 * The connection's own event loop: the fastest, for listeners that never block. A
	 * flow that blocks here stops every connection of the loop.
	 */
	EVENT_LOOP,

	/**
	 * The factory's task executor, as with the stock factories: for any flow.
	 */
	WORKERS

}
