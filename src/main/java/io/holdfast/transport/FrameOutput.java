package io.holdfast.transport;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;

import io.holdfast.framing.FrameWriter;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOutboundBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One connection's way out. Frames of one loop iteration are gathered in one buffer and
 * flushed once, whoever sent them; from another thread a frame comes as a task of the
 * loop. All state belongs to the loop, except what counts bytes under way and who waits
 * for room.
 * <p>
 * Three bounds hold, see {@link OutputLimits}: reading pauses at half of the limit
 * (through the channel's water marks), threads that may block wait at the limit, loops
 * close the connection at the limit. A worker that answers the connection's own frame is
 * let go at the limit and held up at twice of it. Whoever holds something up while the
 * peer takes nothing for the send timeout closes it too.
 */
final class FrameOutput {

	// updaters, not atomics: there are very many connections
	private static final AtomicIntegerFieldUpdater<FrameOutput> UNDER_WAY = AtomicIntegerFieldUpdater
		.newUpdater(FrameOutput.class, "underWay");

	// written by the loop alone, without a fence (lazySet); other threads read them
	private static final AtomicIntegerFieldUpdater<FrameOutput> BUFFERED = AtomicIntegerFieldUpdater
		.newUpdater(FrameOutput.class, "buffered");

	private static final AtomicLongFieldUpdater<FrameOutput> FRAMES_OUT = AtomicLongFieldUpdater
		.newUpdater(FrameOutput.class, "framesOut");

	private static final AtomicLongFieldUpdater<FrameOutput> BYTES_OUT = AtomicLongFieldUpdater
		.newUpdater(FrameOutput.class, "bytesOut");

	private static final AtomicLongFieldUpdater<FrameOutput> LAST_FRAME = AtomicLongFieldUpdater
		.newUpdater(FrameOutput.class, "lastFrameNanos");

	@SuppressWarnings("rawtypes")
	private static final AtomicReferenceFieldUpdater<FrameOutput, CompletableFuture> ROOM = AtomicReferenceFieldUpdater
		.newUpdater(FrameOutput.class, CompletableFuture.class, "room");

	private static final int SMALLEST_BUFFER = 256;

	/** A buffer that has grown to this goes to the channel, and another is begun. */
	private static final int FULL_BUFFER = 32 * 1024;

	private final FrameHandler handler;

	private final FrameWriter writer;

	private final OutputLimits limits;

	private volatile int underWay;

	private volatile @Nullable CompletableFuture<Void> room;

	private @Nullable ByteBuf buffer;

	private @Nullable FrameInput leader;

	private int lastBuffer = SMALLEST_BUFFER;

	private boolean flushScheduled;

	private @Nullable StallWatch stall;

	private volatile boolean closed;

	private volatile int buffered;

	private int batchFrames;

	/** Those of them that were offered. */
	private int batchOffered;

	private int batchBytes;

	private volatile long framesOut;

	private volatile long bytesOut;

	private long handedOver;

	private volatile long lastFrameNanos;

	private long flushes;

	private long flushesWritten;

	FrameOutput(FrameHandler handler, FrameWriter writer, OutputLimits limits) {
		this.handler = handler;
		this.writer = writer;
		this.limits = limits;
	}

	/**
	 * Sends a frame, in order with all others of the calling thread. On a thread that may
	 * block, waits while the peer has too much unread; on a loop it never does.
	 * @return false if the connection was closed before the frame could be taken
	 */
	boolean send(byte[] content) {
		int size = this.writer.size(content);
		if (this.handler.loop().inEventLoop()) {
			return hasRoomOnLoop(size) && write(content, size, 1, 0);
		}
		if (EventLoops.isCurrentThread()) {
			if (!reserve(size, this.limits.maxPending())) {
				this.handler.onLoop(this::failAsSlow);
				return false;
			}
		}
		else if (!awaitRoom(size)) {
			return false;
		}
		this.handler.loop().execute(() -> {
			UNDER_WAY.addAndGet(this, -size);
			write(content, size, 1, 0);
		});
		return true;
	}

	/**
	 * Loop only: sends a frame that counts as none, under the same bounds as all others.
	 * @return false if the connection is closed, now or before
	 */
	boolean sendUncounted(byte[] content) {
		int size = this.writer.size(content);
		return hasRoomOnLoop(size) && write(content, size, 0, 0);
	}

	/**
	 * Loop only: sends a frame as {@link #sendUncounted(byte[])} does, but at once,
	 * unless there is something to send it with.
	 */
	boolean sendUncounted(PreparedFrame frame) {
		if (!hasRoomOnLoop(frame.size()) || this.closed) {
			return false;
		}
		if (this.flushScheduled) {
			room(frame.size()).writeBytes(frame.bytes());
			added(frame.size(), 0, 0);
		}
		else {
			// counted at once, and nobody asks whether it has left: to look after each
			// would cost as much as to send it
			this.handedOver += frame.size();
			BYTES_OUT.lazySet(this, this.bytesOut + frame.size());
			this.handler.flushed(0, 0, frame.size());
			// a failure comes as an exception of the pipeline, without a promise for each
			this.handler.context().writeAndFlush(frame.bytes(), this.handler.context().voidPromise());
		}
		return true;
	}

	/**
	 * Loop only: takes a frame whatever is pending already, for senders that heed the
	 * channel's writability before.
	 * @return number of the flush that it leaves with, for {@link #mayHaveLeft}; negative
	 * if the connection is closed
	 */
	long offer(byte[] content) {
		long flush = this.flushes;
		return write(content, this.writer.size(content), 1, 1) ? flush : -1;
	}

	/**
	 * Loop only: takes a frame as {@link #offer} does, and flushes it at once.
	 */
	long offerNow(byte[] content) {
		int size = this.writer.size(content);
		long flush = this.flushes;
		// so that no flush is scheduled for later
		this.flushScheduled = true;
		boolean taken = write(content, size, 1, 1);
		flush();
		return taken ? flush : -1;
	}

	/**
	 * Loop only, once the channel is closed: whether any byte of a flush may have reached
	 * the kernel. Before, one write may be under way that carries several.
	 */
	boolean mayHaveLeft(long flush) {
		// the first flush that failed may have been taken in part
		return flush >= 0 && flush < this.flushes && flush <= this.flushesWritten;
	}

	/**
	 * Loop only: whether the kernel has taken all of a flush.
	 */
	boolean hasLeft(long flush) {
		return flush >= 0 && flush < this.flushesWritten;
	}

	private boolean hasRoomOnLoop(int size) {
		if (!isFull(pending(), size)) {
			return true;
		}
		flushBuffer();
		if (!isFull(pending(), size)) {
			return true;
		}
		failAsSlow();
		return false;
	}

	private void failAsSlow() {
		this.handler.fail(new SlowConsumerException("peer left " + pending() + " bytes unread of at most "
				+ this.limits.maxPending() + "; the connection is closed"));
	}

	/** Counts the bytes as under way if there is room, in one step: senders may race. */
	private boolean reserve(int size, long limit) {
		while (true) {
			int before = this.underWay;
			int pending = pending();
			if (pending > 0 && (long) pending + size > limit) {
				return false;
			}
			if (UNDER_WAY.compareAndSet(this, before, before + size)) {
				return true;
			}
		}
	}

	private boolean isFull(int pending, int size) {
		return pending > 0 && (long) pending + size > this.limits.maxPending();
	}

	private boolean write(byte[] content, int size, int frames, int offered) {
		if (this.closed || !hasMemory(size)) {
			return false;
		}
		this.writer.write(content, room(size));
		added(size, frames, offered);
		return true;
	}

	private boolean hasMemory(int size) {
		ByteBuf out = this.buffer;
		if (out != null && size <= out.maxFastWritableBytes()) {
			return true;
		}
		return this.handler.memory().admits(Math.max(size, this.lastBuffer));
	}

	private ByteBuf room(int size) {
		ByteBuf out = this.buffer;
		if (out == null) {
			out = this.handler.allocator().directBuffer(Math.max(size, this.lastBuffer));
			this.buffer = out;
		}
		return out;
	}

	private void added(int size, int frames, int offered) {
		BUFFERED.lazySet(this, this.buffered + size);
		this.batchFrames += frames;
		this.batchOffered += offered;
		this.batchBytes += size;
		if (this.buffered >= FULL_BUFFER) {
			flushBuffer();
		}
		if (!this.flushScheduled) {
			this.flushScheduled = true;
			FrameInput leading = this.leader;
			if (leading != null && leading.isReading()) {
				leading.lead(this);
			}
			else if (!this.handler.input().isReading()) {
				this.handler.loop().execute(this::flush);
			}
		}
	}

	/**
	 * Loop only: flushes what is sent during a read of another connection at the end of
	 * that read, where nobody else has anything to add to it.
	 */
	void flushWith(@Nullable FrameInput source) {
		this.leader = source;
	}

	private void flushBuffer() {
		ByteBuf out = this.buffer;
		if (out != null) {
			this.buffer = null;
			this.lastBuffer = Math.max(SMALLEST_BUFFER, Math.min(FULL_BUFFER, this.buffered));
			this.handedOver += this.buffered;
			BUFFERED.lazySet(this, 0);
			this.flushes++;
			int held = HeldMemory.of(out);
			this.handler.memory().add(held);
			Flush flush = new Flush(this.batchFrames, this.batchOffered, this.batchBytes, held);
			this.batchFrames = 0;
			this.batchOffered = 0;
			this.batchBytes = 0;
			this.handler.context().writeAndFlush(out).addListener(flush);
		}
	}

	/**
	 * Loop only: flushes what this iteration wrote.
	 */
	void flush() {
		if (!this.flushScheduled) {
			return;
		}
		this.flushScheduled = false;
		if (this.batchFrames > 0) {
			LAST_FRAME.lazySet(this, this.handler.nanoTime());
		}
		flushBuffer();
		announceRoom();
	}

	/**
	 * Loop only: takes no more, and lets go of whoever waits for room.
	 * @param flush whether what was taken is handed to the channel, or dropped
	 */
	void close(boolean flush) {
		if (flush) {
			flush();
		}
		this.closed = true;
		StallWatch watching = this.stall;
		if (watching != null) {
			watching.stop();
		}
		ByteBuf unsent = this.buffer;
		if (unsent != null) {
			this.buffer = null;
			BUFFERED.lazySet(this, 0);
			unsent.release();
		}
		announceRoom();
	}

	/**
	 * Takes room for a frame, or waits for it. A worker does not wait for the peer whose
	 * frame it works on: the output takes twice the limit from it, and it goes on with
	 * other connections. Where a worker does wait, for the peer of another connection or
	 * beyond the second limit, others have its place meanwhile.
	 */
	private boolean awaitRoom(int size) {
		if (this.handler.isClosed()) {
			return false;
		}
		int limit = this.limits.maxPending();
		if (reserve(size, limit) || (this.handler.connection().isOwnOutputFull() && reserve(size, 2L * limit))) {
			return true;
		}
		if (!WorkerPool.beginWait()) {
			this.handler.onLoop(this::failAsSlow);
			return false;
		}
		try {
			return waitForRoom(size);
		}
		finally {
			WorkerPool.endWait();
		}
	}

	private boolean waitForRoom(int size) {
		while (!this.handler.isClosed()) {
			if (reserve(size, this.limits.maxPending())) {
				return true;
			}
			CompletableFuture<Void> waiting = roomToCome();
			this.handler.loop().execute(this::watchStall);
			try {
				waiting.get();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				return false;
			}
			catch (ExecutionException ex) {
				throw new IllegalStateException(ex);
			}
		}
		return false;
	}

	/**
	 * Any thread: whether half of the limit is free, or nothing is taken any more. With
	 * more than half unsent the channel is not writable, so {@link #announceRoom()} is
	 * still to come, when a quarter is left.
	 */
	boolean hasRoom() {
		return this.closed || pending() <= this.limits.maxPending() / 2;
	}

	private CompletableFuture<Void> roomToCome() {
		CompletableFuture<Void> fresh = new CompletableFuture<>();
		while (true) {
			CompletableFuture<Void> waiting = this.room;
			if (waiting != null) {
				return waiting;
			}
			if (ROOM.compareAndSet(this, null, fresh)) {
				return fresh;
			}
		}
	}

	/**
	 * Wakes the threads that wait for room, and a handover that does; each looks for
	 * itself whether there is enough.
	 */
	void announceRoom() {
		CompletableFuture<Void> waiting = this.room;
		if (waiting != null && ROOM.compareAndSet(this, waiting, null)) {
			waiting.complete(null);
		}
		this.handler.roomLeft();
	}

	/**
	 * Loop only: closes the connection if the peer takes no byte from now on for the send
	 * timeout while something is held up.
	 */
	void watchStall() {
		announceRoomIfAny();
		if (!this.closed && isHoldingUp()) {
			StallWatch watching = this.stall;
			if (watching == null) {
				watching = new StallWatch(this.handler.loop(), this.limits, this::taken,
						() -> !this.handler.isClosed() && isHoldingUp(), this::stalled);
				this.stall = watching;
			}
			watching.start();
		}
	}

	/** Room may have come between a sender's look and its wait. */
	private void announceRoomIfAny() {
		if (pending() < this.limits.maxPending() / 2 || this.handler.isClosed()) {
			announceRoom();
		}
	}

	private void stalled(long taken) {
		this.handler.fail(new SlowConsumerException(
				"peer took " + ((taken > 0) ? String.valueOf(taken) : "none") + " of " + pending() + " bytes for "
						+ this.limits.sendTimeout().toMillis() + " ms; the connection is closed"));
	}

	private boolean isHoldingUp() {
		return !this.handler.channel().isWritable() || this.room != null;
	}

	OutputLimits limits() {
		return this.limits;
	}

	/**
	 * Bytes that the kernel has taken from us, near enough to see whether it takes any.
	 */
	long taken() {
		ChannelOutboundBuffer outbound = this.handler.channel().unsafe().outboundBuffer();
		return (outbound != null) ? this.handedOver - outbound.totalPendingWriteBytes() + outbound.currentProgress()
				: this.handedOver;
	}

	/**
	 * Any thread: bytes that wait for the peer. Counts a little more than the frames
	 * themselves (Netty adds its own overhead).
	 */
	int pending() {
		ChannelOutboundBuffer outbound = this.handler.channel().unsafe().outboundBuffer();
		long atChannel = (outbound != null) ? outbound.totalPendingWriteBytes() : 0;
		return (int) Math.min(Integer.MAX_VALUE, this.underWay + this.buffered + atChannel);
	}

	long framesOut() {
		return this.framesOut;
	}

	long bytesOut() {
		return this.bytesOut;
	}

	long lastFrameNanos() {
		return this.lastFrameNanos;
	}

	/** Counts the frames of one flush once the kernel has them all. */
	private final class Flush implements ChannelFutureListener {

		private final int frames;

		private final int offered;

		private final int bytes;

		private final int held;

		Flush(int frames, int offered, int bytes, int held) {
			this.frames = frames;
			this.offered = offered;
			this.bytes = bytes;
			this.held = held;
		}

		@Override
		public void operationComplete(ChannelFuture written) {
			FrameOutput.this.handler.memory().add(-this.held);
			if (written.isSuccess()) {
				FrameOutput output = FrameOutput.this;
				output.flushesWritten++;
				FRAMES_OUT.lazySet(output, output.framesOut + this.frames);
				BYTES_OUT.lazySet(output, output.bytesOut + this.bytes);
				output.handler.flushed(this.frames, this.offered, this.bytes);
			}
			else {
				FrameOutput.this.handler.writeFailed(written.cause());
			}
		}

	}

}
