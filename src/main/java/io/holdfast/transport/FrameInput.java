package io.holdfast.transport;

import java.io.EOFException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;

import io.holdfast.framing.FrameReader;
import io.holdfast.framing.FramingException;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.ByteToMessageDecoder;
import org.jspecify.annotations.Nullable;

import org.springframework.integration.ip.tcp.serializer.SoftEndOfStreamException;

/**
 * The way in of one connection: takes frames off the bytes that come. Belongs to the
 * connection's loop but for what is marked otherwise.
 * <p>
 * Reading stops while any {@link Pause} holds, in mid-buffer if need be; what has been
 * received but not taken apart is copied, since what it came in may be a large buffer or
 * be shared with other connections. The end of the stream is told only after every frame
 * before it.
 * <p>
 * A connection's turn ends after {@value #TURN_FRAMES} frames or {@value #TURN_BYTES}
 * bytes, if more have come. It goes on after the loop has seen to all others, so that a
 * peer that sends very many frames takes no more than its share.
 */
final class FrameInput {

	/** Frames of one turn, those that a filter consumes too. */
	static final int TURN_FRAMES = 256;

	/** Bytes of one turn; also what may be read ahead while another turn is awaited. */
	static final int TURN_BYTES = 64 * 1024;

	private static final long NONE = -1;

	// updaters, not atomics: there are very many connections. Written by the loop alone,
	// without a fence (lazySet), so that other threads may read them
	private static final AtomicIntegerFieldUpdater<FrameInput> END_HELD = AtomicIntegerFieldUpdater
		.newUpdater(FrameInput.class, "endHeld");

	private static final AtomicLongFieldUpdater<FrameInput> FRAMES_IN = AtomicLongFieldUpdater
		.newUpdater(FrameInput.class, "framesIn");

	private static final AtomicLongFieldUpdater<FrameInput> BYTES_IN = AtomicLongFieldUpdater
		.newUpdater(FrameInput.class, "bytesIn");

	private static final AtomicLongFieldUpdater<FrameInput> LAST_FRAME = AtomicLongFieldUpdater
		.newUpdater(FrameInput.class, "lastFrameNanos");

	private static final AtomicLongFieldUpdater<FrameInput> LAST_READ = AtomicLongFieldUpdater
		.newUpdater(FrameInput.class, "lastReadNanos");

	private final FrameHandler handler;

	private final FrameReader reader;

	private final TrafficCounters counters;

	private @Nullable ByteBuf received;

	/** Whether {@link #received} has bytes, for other threads. */
	private volatile boolean rest;

	private @Nullable FrameOutput follower;

	private @Nullable FrameFilter filter;

	private volatile int pauses = Pause.NOT_STARTED.bit;

	/** Told when a frame has begun to come and is not whole. */
	private @Nullable Runnable frameObserver;

	/** Frames taken so far, those that a filter consumed too. */
	private long taken;

	/** How many were taken when the frame began that is not whole yet; -1 for none. */
	private long begunAfter = NONE;

	private long begunNanos;

	private int turnFrames;

	private int turnBytes;

	/** Whether all that is left is taken at once, because there is no later. */
	private boolean last;

	private boolean reading;

	private boolean taking;

	private volatile boolean ended;

	private boolean endTold;

	/** What made an end of the whole connection, if the stream's end is none. */
	private @Nullable Throwable brokenBy;

	private volatile int endHeld;

	/** Bytes of memory that what was kept takes, as counted. */
	private int held;

	private int batchFrames;

	private int batchBytes;

	private volatile long framesIn;

	private volatile long bytesIn;

	private volatile long lastFrameNanos;

	private volatile long lastReadNanos;

	FrameInput(FrameHandler handler, FrameReader reader, TrafficCounters counters) {
		this.handler = handler;
		this.reader = reader;
		this.counters = counters;
	}

	/** The connection is there from now on, and has not been silent yet. */
	void connected() {
		long now = this.handler.nanoTime();
		this.lastReadNanos = now;
		this.lastFrameNanos = now;
	}

	/** Has a filter look at each frame that is yet to come; null for none. */
	void filter(@Nullable FrameFilter first) {
		this.filter = first;
	}

	@Nullable FrameFilter filter() {
		return this.filter;
	}

	/** Any thread. */
	boolean isPaused(Pause pause) {
		return (this.pauses & pause.bit) != 0;
	}

	boolean isPausedAtAll() {
		return this.pauses != 0;
	}

	/**
	 * Stops taking frames. The channel is told to read no more when bytes come that
	 * nobody takes: most pauses are over before, and telling it costs two system calls.
	 */
	void pause(Pause pause) {
		this.pauses = this.pauses | pause.bit;
	}

	void resume(Pause pause) {
		if ((this.pauses & pause.bit) == 0) {
			return;
		}
		this.pauses = this.pauses & ~pause.bit;
		// from within, the taking goes on by itself
		if (this.pauses == 0 && !this.taking) {
			takeFrames(this.received);
			endBatch();
			countHeld();
			if (pause == Pause.MEMORY || pause == Pause.TURN) {
				noteBegun(this.lastReadNanos);
			}
			else {
				// the peer could not send while it was not read
				this.begunAfter = NONE;
				noteBegun(this.handler.nanoTime());
			}
			if (this.pauses == 0 && !this.handler.isClosed()) {
				this.handler.channel().config().setAutoRead(true);
			}
		}
	}

	/** Whether a batch of reads is under way, whose end will flush. */
	boolean isReading() {
		return this.reading;
	}

	/** Bytes have come; they are this input's to release. */
	void read(ByteBuf arrived) {
		boolean nobodyTakes = this.pauses != 0;
		this.reading = true;
		LAST_READ.lazySet(this, this.handler.nanoTime());
		this.batchBytes += arrived.readableBytes();
		ByteBuf before = this.received;
		if (before != null) {
			if (!admits(before, arrived.readableBytes())) {
				arrived.release();
				return;
			}
			this.received = ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(this.handler.allocator(), before, arrived);
			takeFrames(this.received);
		}
		else {
			takeFrames(arrived);
			copyRest();
		}
		countHeld();
		noteBegun(this.lastReadNanos);
		tellRest();
		if (nobodyTakes && this.pauses != 0 && !mayReadAhead()) {
			this.handler.channel().config().setAutoRead(false);
		}
	}

	/**
	 * Whether only the next turn is awaited, which most often comes before more bytes.
	 */
	private boolean mayReadAhead() {
		ByteBuf rest = this.received;
		return this.pauses == Pause.TURN.bit && (rest == null || rest.readableBytes() < TURN_BYTES);
	}

	private void copyRest() {
		ByteBuf rest = this.received;
		if (rest != null) {
			boolean admitted = this.handler.memory().admits(rest.readableBytes());
			this.received = admitted ? this.handler.allocator().directBuffer(rest.readableBytes()).writeBytes(rest)
					: null;
			rest.release();
		}
	}

	/** Whether there is memory for what was kept and so many bytes more. */
	private boolean admits(ByteBuf kept, int bytes) {
		if (bytes <= kept.maxFastWritableBytes()) {
			return true;
		}
		// both are held while one is copied into the other
		return this.handler.memory()
			.admits(this.handler.allocator().calculateNewCapacity(kept.readableBytes() + bytes, Integer.MAX_VALUE));
	}

	private void noteBegun(long nanos) {
		if (!isInMidFrame()) {
			this.begunAfter = NONE;
		}
		else if (this.begunAfter != this.taken) {
			this.begunAfter = this.taken;
			this.begunNanos = nanos;
			Runnable observer = this.frameObserver;
			if (observer != null) {
				observer.run();
			}
		}
	}

	private void countHeld() {
		int now = HeldMemory.of(this.received);
		int before = this.held;
		if (now != before) {
			this.held = now;
			this.handler.memory().add(now - before);
		}
	}

	/** No more can be read at the moment. */
	void endReading() {
		this.reading = false;
		endBatch();
		if (!isPaused(Pause.TURN)) {
			this.turnFrames = 0;
			this.turnBytes = 0;
		}
	}

	private void endBatch() {
		if (this.batchBytes > 0 || this.batchFrames > 0) {
			if (this.batchFrames > 0) {
				LAST_FRAME.lazySet(this, this.lastReadNanos);
			}
			FRAMES_IN.lazySet(this, this.framesIn + this.batchFrames);
			BYTES_IN.lazySet(this, this.bytesIn + this.batchBytes);
			this.counters.received(this.batchFrames, this.batchBytes);
			this.batchFrames = 0;
			this.batchBytes = 0;
		}
		this.handler.output().flush();
		flushFollower();
	}

	private void flushFollower() {
		FrameOutput led = this.follower;
		if (led != null) {
			this.follower = null;
			led.flush();
		}
	}

	/** Flushes that output too when what is being read is done; one at a time. */
	void lead(FrameOutput other) {
		if (this.follower != other) {
			flushFollower();
		}
		this.follower = other;
	}

	/**
	 * Takes frames for as long as nothing pauses that.
	 * @param bytes what has come: what was kept before, or else what is new. That is kept
	 * once somebody is told of a frame in it, or something is left: heartbeats are most
	 * often alone, and to keep what is gone at once costs the collector.
	 */
	private void takeFrames(@Nullable ByteBuf bytes) {
		if (this.taking) {
			return; // a listener resumed reading from within: the loop below goes on
		}
		this.taking = true;
		boolean kept = this.received != null;
		try {
			while (bytes != null && this.pauses == 0 && !this.handler.isClosed()) {
				int start = bytes.readerIndex();
				byte[] frame = this.reader.next(bytes);
				if (frame == null) {
					break;
				}
				int length = bytes.readerIndex() - start;
				this.turnFrames++;
				this.turnBytes += length;
				if (this.filter == null || !this.filter.consumes(frame)) {
					if (!kept) {
						kept = true;
						this.received = bytes;
					}
					this.batchFrames++;
					this.handler.connection().receive(frame);
				}
				this.taken++;
				this.handler.frameTaken(length);
				if (this.turnFrames >= TURN_FRAMES || this.turnBytes >= TURN_BYTES) {
					endTurn(bytes);
				}
			}
		}
		catch (FramingException ex) {
			kept = true;
			this.received = bytes;
			this.handler.fail(ex);
		}
		finally {
			this.taking = false;
			if (!kept && bytes != null) {
				keepRest(bytes);
			}
			tidy();
		}
		if (this.ended && this.pauses == 0) {
			tellEnd();
		}
	}

	/** Lets the loop see to its other connections first if more has come. */
	private void endTurn(ByteBuf bytes) {
		if (!this.last && !isPaused(Pause.TURN) && !this.handler.isClosed() && bytes.isReadable()) {
			pause(Pause.TURN);
			// scheduled, not executed: a task of this round would run before the next
			// reads
			this.handler.loop().schedule(this::nextTurn, 0, TimeUnit.NANOSECONDS);
		}
	}

	private void nextTurn() {
		this.turnFrames = 0;
		this.turnBytes = 0;
		// what is sent meanwhile is flushed at the end, as that of a read is
		boolean before = this.reading;
		this.reading = true;
		resume(Pause.TURN);
		this.reading = before;
	}

	private void keepRest(ByteBuf bytes) {
		if (bytes.isReadable()) {
			this.received = bytes;
		}
		else {
			bytes.release();
		}
	}

	/** Lets go of what has been taken, and of all of it once that is nobody's. */
	void tidy() {
		ByteBuf bytes = this.received;
		if (bytes == null || this.taking) {
			return;
		}
		if (!bytes.isReadable() || this.handler.isClosed()) {
			drop();
		}
		else if (bytes.readerIndex() > bytes.capacity() / 2) {
			bytes.discardReadBytes();
		}
		tellRest();
	}

	/** Lets go of what has come and was not taken. */
	void drop() {
		ByteBuf bytes = this.received;
		this.received = null;
		if (bytes != null) {
			bytes.release();
			if (!this.taking) {
				countHeld();
			}
		}
		tellRest();
	}

	/** Lets other threads know, who must not look into the buffer: it may be recycled. */
	private void tellRest() {
		boolean now = isInMidFrame();
		if (now != this.rest) {
			this.rest = now;
		}
	}

	/** The peer's stream has ended; told as soon as nothing pauses that. */
	void end() {
		this.ended = true;
		if (this.pauses == 0 && !this.taking) {
			tellEnd();
		}
	}

	boolean isEnded() {
		return this.ended;
	}

	/**
	 * The peer takes nothing any more: what it sent before is still read and taken, and
	 * then the end is told with this cause, held or not.
	 */
	void readOut(Throwable cause) {
		this.brokenBy = cause;
		resume(Pause.OUTPUT);
		if (this.ended) {
			end();
		}
		if (this.pauses == 0 && !this.handler.isClosed()) {
			this.handler.channel().config().setAutoRead(true);
		}
	}

	/** Frames taken so far, those that a filter consumed too. */
	long taken() {
		return this.taken;
	}

	private void tellEnd() {
		if (this.endTold || this.handler.isClosed()) {
			return;
		}
		Throwable broken = this.brokenBy;
		if (isEndHeld() && broken == null) {
			this.handler.connection().onLoop().receiveHeldEnd();
			return;
		}
		ByteBuf rest = this.received;
		int left = 0;
		if (rest != null) {
			try {
				byte[] last = this.reader.last(rest);
				if (last != null) {
					this.batchFrames++;
					this.handler.connection().receive(last);
				}
			}
			catch (FramingException ex) {
				this.handler.fail(ex);
				return;
			}
			left = rest.readableBytes();
		}
		endBatch();
		this.endTold = true;
		this.handler.connection()
			.receiveEnd((broken != null) ? broken
					: (left == 0) ? new SoftEndOfStreamException("Stream closed between payloads")
							: new EOFException("peer closed in mid-frame, after " + left + " bytes of it"));
	}

	/**
	 * Keeps the end of the peer's stream to itself for as long as it is held, so that
	 * what the peer is still owed can be sent. An end of the whole connection is told in
	 * any case.
	 */
	void holdEnd(boolean hold) {
		END_HELD.lazySet(this, hold ? 1 : 0);
		if (!hold) {
			this.handler.settled();
			if (this.ended) {
				end();
			}
		}
	}

	/** Any thread. */
	boolean isEndHeld() {
		return this.endHeld != 0;
	}

	/** Whether the end has been told, be it the peer's or a failure. */
	boolean isEndTold() {
		return this.endTold;
	}

	/** Takes nothing more, for a reason that somebody else tells. */
	void stop() {
		this.endTold = true;
		this.handler.channel().config().setAutoRead(false);
		// the end of a read that was called off is not told everywhere
		endReading();
	}

	/** The channel is gone: who was led by it is sent on his way. */
	void abort() {
		this.reading = false;
		flushFollower();
	}

	/** Bytes that have come and were not taken. */
	int unread() {
		ByteBuf bytes = this.received;
		return (bytes != null) ? bytes.readableBytes() : 0;
	}

	/** The channel is gone: takes what came before, whatever pauses that, and tells. */
	void takeRest() {
		if (!this.handler.isClosed()) {
			END_HELD.lazySet(this, 0);
			this.ended = true;
			takePaused();
		}
		tidy();
	}

	/** Nothing more comes: takes what came before, whatever pauses that. */
	void takePaused() {
		if (!this.handler.isClosed()) {
			this.pauses = 0;
			this.last = true;
			takeFrames(this.received);
			endBatch();
		}
	}

	/**
	 * Loop only: whether a part of a frame has come, or frames that are not taken yet.
	 */
	boolean isInMidFrame() {
		ByteBuf bytes = this.received;
		return bytes != null && bytes.isReadable();
	}

	/** Sets what is told when a frame has begun to come and is not whole. */
	void onFrameBegun(Runnable observer) {
		this.frameObserver = observer;
	}

	/** Whether the rest of a frame is missing, and it is read. */
	boolean isFrameBegun() {
		return this.begunAfter != NONE && (this.pauses & ~Pause.MEMORY.bit) == 0;
	}

	long frameBegunNanos() {
		return this.begunNanos;
	}

	/** What has come and was not taken, null if there is nothing. */
	@Nullable ByteBuf received() {
		return this.received;
	}

	/** Any thread: likewise; on another than the loop's as of the last batch. */
	boolean hasRest() {
		return this.handler.loop().inEventLoop() ? isInMidFrame() : this.rest;
	}

	/** Any thread: whether bytes have come that are not taken yet, or the peer's end. */
	boolean hasUnread() {
		return this.ended || hasRest();
	}

	/** Any thread: when the bytes came that are being worked on, or the last ones. */
	long lastReadNanos() {
		return this.lastReadNanos;
	}

	/**
	 * Any thread: when the last frame came that no filter consumed, or the connection.
	 */
	long lastFrameNanos() {
		return this.lastFrameNanos;
	}

	/** Any thread, as of the last batch. */
	long framesIn() {
		return this.framesIn;
	}

	/** Any thread, as of the last batch. */
	long bytesIn() {
		return this.bytesIn;
	}

	/**
	 * Why a connection is not read at the moment.
	 */
	enum Pause {

		/** Nobody has asked for its frames yet. */
		NOT_STARTED(1),

		/** Its own output waits for the peer. */
		OUTPUT(2),

		/** Frames wait for a worker. */
		WORKERS(4),

		/** Where the frames go, there is no room. */
		ROUTE(8),

		/** It leaves, and takes no more. */
		LEAVING(16),

		/** It holds much while all connections together hold too much. */
		MEMORY(32),

		/** It has had its turn, and waits for the next. */
		TURN(64);

		private final int bit;

		Pause(int bit) {
			this.bit = bit;
		}

	}

}
