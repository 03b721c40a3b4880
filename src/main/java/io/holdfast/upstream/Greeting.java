package io.holdfast.upstream;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

/**
 * What a server says on a link before anybody has held it, kept for the client that the
 * link will be for life. Bounded by {@value #MAX_BYTES} bytes, or one frame if that is
 * longer. Belongs to the link's loop but for {@link #isOver()}.
 */
final class Greeting {

	private static final int MAX_BYTES = 64 * 1024;

	/** Memory of a frame beside its content. */
	private static final int FRAME_BYTES = 32;

	private @Nullable Deque<byte[]> frames;

	private int bytes;

	private volatile boolean over;

	/** Any thread: whether what comes from now on is no greeting any more. */
	boolean isOver() {
		return this.over;
	}

	/**
	 * Keeps a frame.
	 * @return false if there is no room for it
	 */
	boolean add(byte[] frame) {
		int more = frame.length + FRAME_BYTES;
		Deque<byte[]> kept = this.frames;
		if (kept == null) {
			kept = new ArrayDeque<>(1);
			this.frames = kept;
		}
		else if (this.bytes + more > MAX_BYTES) {
			return false;
		}
		kept.add(frame);
		this.bytes += more;
		return true;
	}

	/** Hands over what was kept, in order; no more is kept from now on. */
	void end(Consumer<byte[]> taker) {
		this.over = true;
		Deque<byte[]> kept = this.frames;
		this.frames = null;
		if (kept != null) {
			kept.forEach(taker);
		}
	}

}
