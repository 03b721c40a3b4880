package io.holdfast.upstream;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/**
 * What a server has said on a link before anybody held it, kept for the client that the
 * link will be for life. Bounded by {@value #MAX_BYTES} bytes, or one frame if that is
 * longer. Belongs to the link's loop.
 */
final class Greeting {

	private static final int MAX_BYTES = 64 * 1024;

	/** Memory of a frame beside its content. */
	private static final int FRAME_BYTES = 32;

	private final Deque<byte[]> frames = new ArrayDeque<>(1);

	private int bytes;

	/**
	 * Keeps a frame.
	 * @return false if there is no room for it
	 */
	boolean add(byte[] frame) {
		int more = frame.length + FRAME_BYTES;
		if (!this.frames.isEmpty() && this.bytes + more > MAX_BYTES) {
			return false;
		}
		this.frames.add(frame);
		this.bytes += more;
		return true;
	}

	/** Hands all frames over, in order, and keeps none. */
	void drainTo(Consumer<byte[]> taker) {
		byte[] frame;
		while ((frame = this.frames.poll()) != null) {
			taker.accept(frame);
		}
		this.bytes = 0;
	}

}
