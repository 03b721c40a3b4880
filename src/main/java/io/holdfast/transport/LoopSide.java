package io.holdfast.transport;

import java.io.IOException;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;

import io.holdfast.framing.FramingException;
import io.holdfast.transport.FrameInput.Pause;
import org.jspecify.annotations.Nullable;

/**
 * Operations that are allowed with a connection on its
 * {@linkplain NettyTcpConnection#eventLoop() event loop}, and nowhere else: frames are
 * sent without waiting, reading is held up, and what happens is told at once. Nothing
 * here blocks. For routes and the like; flows of Spring Integration need none of it.
 */
public final class LoopSide {

	private final NettyTcpConnection connection;

	private final FrameHandler handler;

	private final Handover handover;

	private @Nullable Runnable roomObserver;

	private @Nullable Runnable endObserver;

	private @Nullable IntConsumer flushObserver;

	private @Nullable LongSupplier owedUntil;

	private boolean coupled = true;

	private volatile boolean discardsUnsent;

	LoopSide(NettyTcpConnection connection, FrameHandler handler, Handover handover) {
		this.connection = connection;
		this.handler = handler;
		this.handover = handover;
	}

	/**
	 * The one call for any thread: runs a task on the loop, at once if this is it. A loop
	 * that has ended runs nothing.
	 * @return false if the loop has ended, and all its connections with it
	 */
	public boolean run(Runnable task) {
		return this.handler.onLoop(task);
	}

	/**
	 * Sets the observer of the connection's becoming writable again. One at a time.
	 */
	public void onWritable(@Nullable Runnable observer) {
		this.roomObserver = observer;
	}

	/**
	 * Sends a frame without waiting and without looking at what is pending; the sender
	 * heeds {@link NettyTcpConnection#isWritable()} before.
	 * @return number of the flush that it leaves with, for {@link #mayHaveLeft}; negative
	 * if the connection is closed
	 * @throws FramingException if it cannot be framed; nothing else has changed then
	 */
	public long offer(byte[] frame) {
		return this.connection.isOpen() ? this.handler.output().offer(frame) : -1;
	}

	/**
	 * Sends a frame as {@link #offer} does, but at once instead of at the end of the
	 * loop's round. For links that nobody else adds to.
	 */
	public long offerNow(byte[] frame) {
		return this.connection.isOpen() ? this.handler.output().offerNow(frame) : -1;
	}

	/**
	 * Sends what is offered while another connection of the loop is read at the end of
	 * that read, instead of at the end of the loop's round. For pairs of connections that
	 * feed each other alone.
	 */
	public void flushWith(LoopSide source) {
		this.handler.output().flushWith(source.handler.input());
	}

	/**
	 * Whether any byte of a flush may have been sent. Known
	 * {@linkplain NettyTcpConnection#whenGone once the socket is closed}: a frame of
	 * which it is false then never reached the peer.
	 */
	public boolean mayHaveLeft(long flush) {
		return this.handler.output().mayHaveLeft(flush);
	}

	/**
	 * Returns whether the kernel has taken all of a flush. Once true, it stays so.
	 */
	public boolean hasLeft(long flush) {
		return this.handler.output().hasLeft(flush);
	}

	/**
	 * Sends a frame without waiting. A peer that has too much unread is closed, as
	 * {@link SlowConsumerException}.
	 * @return false if the connection is closed, now or before
	 * @throws FramingException if it cannot be framed; nothing else has changed then
	 */
	public boolean trySend(byte[] frame) {
		return this.connection.isOpen() && this.handler.output().send(frame);
	}

	/**
	 * Takes no frames until {@link #resumeReading()}. What has come by then waits as
	 * bytes, and the peer is held back.
	 */
	public void pauseReading() {
		this.handler.input().pause(Pause.ROUTE);
	}

	/**
	 * Goes on after {@link #pauseReading()}, at once with what has come since.
	 */
	public void resumeReading() {
		this.handler.input().resume(Pause.ROUTE);
	}

	/**
	 * While held, the end of the peer's stream is not told, so that a peer that has
	 * finished still gets what it is owed. A connection that is gone is told in any case.
	 */
	public void holdEnd(boolean hold) {
		this.handler.input().holdEnd(hold);
	}

	/**
	 * Sets the observer that is told, instead of the listener, when the peer's stream has
	 * ended while that is held.
	 */
	public void onHeldEnd(Runnable observer) {
		this.endObserver = observer;
	}

	/**
	 * Sets the observer of output that the kernel has taken, told how many of its frames
	 * were {@linkplain #offer offered}.
	 */
	public void onFlushed(@Nullable IntConsumer observer) {
		this.flushObserver = observer;
	}

	/**
	 * Goes on reading while the peer leaves its own output unread. For connections whose
	 * input and output have nothing to do with each other.
	 */
	public void uncoupleInputFromOutput() {
		this.coupled = false;
		this.handler.pauseAtFullOutput(false);
	}

	/**
	 * Whether what is unsent when the connection is closed, by whomever, is dropped
	 * instead of sent. For frames that are tried elsewhere, see {@link #mayHaveLeft}.
	 */
	public void discardUnsent(boolean discard) {
		if (this.discardsUnsent != discard) {
			this.discardsUnsent = discard;
		}
	}

	/**
	 * Sends a frame as {@link #trySend} does, but counts it as none. For heartbeats and
	 * the like, which no route knows of.
	 */
	public boolean sendUncounted(byte[] frame) {
		return this.connection.isOpen() && this.handler.output().sendUncounted(frame);
	}

	/**
	 * Sends a frame as {@link #sendUncounted(byte[])} does, at once.
	 */
	public boolean sendUncounted(PreparedFrame frame) {
		return this.connection.isOpen() && this.handler.output().sendUncounted(frame);
	}

	/**
	 * Ends the connection as if the network had, with a cause that
	 * {@link NettyTcpConnection#closeCause()} tells. What was accepted for sending is
	 * still sent.
	 */
	public void end(IOException cause) {
		this.handler.fail(cause);
	}

	/**
	 * Whether frames are not taken at the moment, because whoever works on them, or the
	 * peer itself, has no room for more. The peer's silence says nothing then.
	 */
	public boolean isHeldUp() {
		return this.handler.input().isPausedAtAll() || this.connection.isDelivering();
	}

	/**
	 * When the last frame came that no filter consumed, or else the connection, in the
	 * time of {@link EventLoops#nanoTime()}.
	 */
	public long lastFrameInNanos() {
		return this.handler.input().lastFrameNanos();
	}

	/**
	 * Sets what tells until when the peer has waited for something that it is owed, such
	 * as a reply: a time of {@link EventLoops#nanoTime()}, now if it still waits. Asked
	 * on the loop. The peer's silence until then is no idleness.
	 */
	public void onIdle(LongSupplier owedUntilNanos) {
		this.owedUntil = owedUntilNanos;
	}

	/**
	 * When the last frame came that no filter consumed, or until when the peer has waited
	 * for what it is owed, whichever is later.
	 */
	public long lastBusyNanos() {
		long last = lastFrameInNanos();
		LongSupplier owed = this.owedUntil;
		return (owed != null) ? last + Math.max(0, owed.getAsLong() - last) : last;
	}

	/**
	 * Any thread: whether bytes have come that are no whole frame yet, or the peer's end.
	 * Other threads than the loop see it as of the last batch of reads.
	 */
	public boolean hasUnread() {
		return this.handler.input().hasUnread();
	}

	/**
	 * Whether the peer has begun a frame that is not whole yet. False while frames wait
	 * for whoever works on them: then it is not the peer who takes its time.
	 */
	public boolean isInMidFrame() {
		return this.handler.input().isFrameBegun();
	}

	/**
	 * When the first bytes of that frame came, or reading went on after a pause, in the
	 * time of {@link EventLoops#nanoTime()}.
	 */
	public long frameBegunNanos() {
		return this.handler.input().frameBegunNanos();
	}

	/**
	 * Sets what is called when the first bytes of a frame have come and the rest has not.
	 */
	public void onFrameBegun(Runnable observer) {
		this.handler.input().onFrameBegun(observer);
	}

	/**
	 * Any thread: when the bytes came that are being worked on, or the last ones, in the
	 * time of {@link EventLoops#nanoTime()}.
	 */
	public long lastReadNanos() {
		return this.handler.input().lastReadNanos();
	}

	/**
	 * Delivers from now on where the next holder of the connection wants it, for
	 * factories that lend connections out.
	 */
	public void deliverOn(Delivery delivery) {
		this.handover.goOn(delivery);
	}

	// for the handler and the connection

	void receiveRoom() {
		Runnable observer = this.roomObserver;
		if (observer != null) {
			observer.run();
		}
	}

	void receiveHeldEnd() {
		Runnable observer = this.endObserver;
		if (observer != null) {
			observer.run();
		}
	}

	void flushed(int offered) {
		IntConsumer observer = this.flushObserver;
		if (observer != null) {
			observer.accept(offered);
		}
	}

	boolean isCoupled() {
		return this.coupled;
	}

	boolean discardsUnsent() {
		return this.discardsUnsent;
	}

}
