package io.holdfast.connection;

/**
 * Receives events of connections. Called on the thread that opened or closed the
 * connection, often an event loop: it must return at once and never block. What it throws
 * is logged the first time and harms nobody.
 */
@FunctionalInterface
public interface ConnectionObserver {

	/**
	 * Takes note. Of one connection there is exactly one opened event, then exactly one
	 * closed event; events of different connections come at the same time.
	 * @param event what happened
	 */
	void on(ConnectionEvent event);

}
