package io.holdfast.transport;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Counts what one connection holds of the {@link MemoryBudget}: received bytes that are
 * no whole frame yet, frames that wait for a worker, and unsent output. Belongs to the
 * connection's loop but for what is marked otherwise.
 */
final class HeldMemory {

	private final FrameHandler handler;

	private final boolean client;

	private @Nullable LoopMemory loop;

	private int held;

	private int place;

	/**
	 * Nothing is held yet.
	 * @param client whether the connection was accepted, so that it may be asked to wait
	 */
	HeldMemory(FrameHandler handler, boolean client) {
		this.handler = handler;
		this.client = client;
	}

	void join(LoopMemory memory) {
		this.loop = memory;
		memory.join(this);
	}

	void part() {
		LoopMemory joined = this.loop;
		if (joined != null) {
			this.loop = null;
			joined.part(this);
		}
	}

	/** Memory that a buffer takes, with what its allocator rounds up. */
	static int of(@Nullable ByteBuf buffer) {
		return (buffer != null) ? buffer.writerIndex() + buffer.maxFastWritableBytes() : 0;
	}

	/** The connection holds so many bytes more, or less. */
	void add(int bytes) {
		LoopMemory joined = this.loop;
		if (joined != null && bytes != 0) {
			this.held += bytes;
			joined.add(this, bytes);
		}
	}

	/** A frame of so many bytes waits for a worker. */
	void addWaiting(int bytes) {
		this.handler.budget().addWaiting(bytes);
		LoopMemory joined = this.loop;
		if (joined != null) {
			joined.grown(bytes);
		}
	}

	/** Any thread: a frame of so many bytes waits no longer. */
	void endWaiting(int bytes) {
		this.handler.budget().addWaiting(-bytes);
	}

	/**
	 * Whether the connection may hold so many bytes more. If not, it is closed as
	 * overloaded, and the caller lets go of what it has.
	 */
	boolean admits(int bytes) {
		LoopMemory joined = this.loop;
		if (joined == null || joined.admits(this, bytes)) {
			return true;
		}
		this.handler.overloaded(new OverloadedException(
				bytes + " bytes more do not fit into the " + joined.budget().limit() + " bytes of all connections"));
		return false;
	}

	boolean isClient() {
		return this.client;
	}

	int bytes() {
		return this.held;
	}

	/** Bytes that a close would free, those of frames that wait for a worker too. */
	int weight() {
		return this.held + this.handler.waitingBytes();
	}

	int place() {
		return this.place;
	}

	void place(int newPlace) {
		this.place = newPlace;
	}

	void pause() {
		if (this.client) {
			this.handler.input().pause(FrameInput.Pause.MEMORY);
		}
	}

	void resume() {
		this.handler.input().resume(FrameInput.Pause.MEMORY);
	}

	void close() {
		this.handler.overloaded(
				new OverloadedException("held " + this.held + " bytes while all connections together held too much"));
	}

}
