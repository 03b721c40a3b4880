package io.holdfast.transport;

/**
 * Is told when the thread of an event loop has ended though nobody has closed the loops:
 * an error has escaped, all connections of the loop are gone, and it serves no new ones.
 */
@FunctionalInterface
public interface LoopEndObserver {

	/**
	 * A loop has ended. Called on its thread, as the last thing that thread does.
	 * @param loop the thread's name
	 */
	void ended(String loop);

}
