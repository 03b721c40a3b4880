package io.holdfast.listener;

/**
 * Whether a listener accepts connections.
 */
public enum ListenerState {

	/** It accepts them. */
	LISTENING,

	/** It lets them wait, in the system's queue. */
	PAUSED,

	/** It has closed its port to leave, and keeps the connections that it has. */
	DRAINING,

	/** It is not started. */
	STOPPED

}
