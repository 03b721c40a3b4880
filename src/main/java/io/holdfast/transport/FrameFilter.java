package io.holdfast.transport;

/**
 * Sees a connection's frames before anybody else, and keeps those that are not meant to
 * go further, such as heartbeats. Belongs to the connection's loop.
 */
@FunctionalInterface
public interface FrameFilter {

	/**
	 * Looks at a frame, which is whole and not to be changed.
	 * @return whether the frame ends here; it is not counted as a frame then
	 */
	boolean consumes(byte[] frame);

}
