package io.holdfast.transport;

import java.io.IOException;

import io.holdfast.transport.FrameInput.Pause;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.integration.ip.tcp.connection.NoListenerException;
import org.springframework.integration.ip.tcp.connection.TcpListener;
import org.springframework.messaging.Message;
import org.springframework.messaging.MessageHeaders;
import org.springframework.messaging.support.GenericMessage;

/**
 * Hands one connection's frames and events over to its listener, one at a time and in
 * order: on the loop as they come, or on workers. Workers that are behind hold up reading
 * at the limit, until half of that is left. No worker waits for the connection's own
 * peer: once the output is full, what a frame causes is still taken, up to a second
 * limit, and then nothing more is handed over until the peer has taken most of it.
 */
final class Handover implements Mailbox.Owner {

	private static final Logger logger = LoggerFactory.getLogger(NettyTcpConnection.class);

	private final NettyTcpConnection connection;

	private final FrameHandler handler;

	private final ConnectionAssembly assembly;

	/** Null while frames are handed over on the loop. */
	private volatile @Nullable Mailbox mailbox;

	/** Whether a frame found its own connection's output full. The worker's alone. */
	private boolean outputFull;

	/** Whether the mapper failed, so that frames mean nothing. The worker's alone. */
	private boolean mapperFailed;

	private @Nullable MessageHeaders headers;

	private byte @Nullable [] payload;

	Handover(NettyTcpConnection connection, FrameHandler handler, ConnectionAssembly assembly) {
		this.connection = connection;
		this.handler = handler;
		this.assembly = assembly;
	}

	/**
	 * Chooses where, before anything is handed over.
	 * @param manualListener whether asking for the listener may block
	 * @return whether that is on workers
	 */
	boolean prepare(boolean manualListener) {
		return useWorkers(this.assembly.workers(manualListener));
	}

	/** Loop: goes on where the next holder of the connection wants it. */
	void goOn(Delivery delivery) {
		useWorkers((delivery == Delivery.WORKERS)
				? this.assembly.workers(/* manualListener= */ true) : null);
		this.handler.input().resume(Pause.WORKERS);
	}

	private boolean useWorkers(@Nullable Workers workers) {
		this.mailbox = (workers != null) ? new Mailbox(workers, this) : null;
		return workers != null;
	}

	void opened() {
		Mailbox own = this.mailbox;
		if (own == null) {
			this.connection.tellOpened();
		}
		else {
			own.addEvent(Event.OPENED);
		}
	}

	void frame(byte[] frame) {
		Mailbox own = this.mailbox;
		if (own == null) {
			deliverFrame(frame);
			return;
		}
		this.handler.memory().addWaiting(frame.length);
		boolean late = !own.addFrame(frame);
		if (late && own.rejectsWhenFull()) {
			this.connection.closeFor(new WorkersFullException());
		}
		else if (late) {
			holdUp(own, 0);
		}
		else if (own.bytes() > this.assembly.maxPendingInput()) {
			holdUp(own, this.assembly.maxPendingInput() / 2);
		}
	}

	private void holdUp(Mailbox own, int untilBytes) {
		this.handler.input().pause(Pause.WORKERS);
		// the worker may have emptied it between the look and the pause
		if (own.bytes() <= untilBytes) {
			this.handler.input().resume(Pause.WORKERS);
		}
	}

	void ended(Throwable cause) {
		Mailbox own = this.mailbox;
		if (own == null) {
			guarded(() -> this.connection.tellEnd(cause));
		}
		else {
			own.addEvent(cause);
		}
	}

	/** Any thread: what waits for a worker, in bytes. */
	int pendingBytes() {
		Mailbox own = this.mailbox;
		return (own != null) ? own.bytes() : 0;
	}

	/** The frame that a mapper is mapping at the moment. */
	byte @Nullable [] payload() {
		return this.payload;
	}

	@Override
	public void deliver(Object entry) {
		if (entry instanceof byte[] frame) {
			// no more than the flow itself holds
			this.handler.memory().endWaiting(frame.length);
			// of a connection that has gone, nobody could be answered
			if (this.connection.isOpen() && !this.connection.isGone()) {
				deliverFrame(frame);
			}
		}
		else if (entry instanceof Throwable cause) {
			guarded(() -> this.connection.tellEnd(cause));
		}
		else {
			guarded(this.connection::tellOpened);
		}
	}

	private void guarded(Runnable event) {
		try {
			event.run();
		}
		catch (Exception ex) {
			flowFailed("an event", ex);
		}
		catch (Error ex) {
			flowBroke(ex);
		}
	}

	@Override
	public void delivered(int remainingBytes) {
		if (remainingBytes == 0 && this.handler.isLeaving()) {
			this.handler.onLoop(this.handler::settled);
		}
		if (remainingBytes <= this.assembly.maxPendingInput() / 2 && this.handler.input().isPaused(Pause.WORKERS)) {
			this.handler.onLoop(() -> this.handler.input().resume(Pause.WORKERS));
		}
	}

	@Override
	public boolean parks() {
		boolean parks = this.outputFull;
		this.outputFull = false;
		return parks;
	}

	@Override
	public void parked() {
		// room may have come between the frame's look and now
		roomLeft();
	}

	/** Any thread: the output may have room again. */
	void roomLeft() {
		Mailbox own = this.mailbox;
		if (own != null && own.isParked() && (this.handler.isClosed() || this.handler.output().hasRoom())) {
			own.unpark();
		}
	}

	/**
	 * Any thread, when the output is full: whether the calling thread hands a frame of
	 * this very connection over. It need not wait then, since no further frame follows
	 * before there is room.
	 */
	boolean isOwnOutputFull() {
		Mailbox own = this.mailbox;
		boolean here = own != null && own.isServedHere();
		this.outputFull |= here;
		return here;
	}

	/** Any thread: whether it is the one that hands a frame over at the moment. */
	boolean isDeliveringHere() {
		Mailbox own = this.mailbox;
		return (own != null) ? own.isServedHere() : this.handler.loop().inEventLoop();
	}

	private void deliverFrame(byte[] frame) {
		try {
			Message<?> message = map(frame);
			if (message == null) {
				return;
			}
			TcpListener listener = this.connection.getListener();
			if (listener == null) {
				throw new NoListenerException("No listener");
			}
			listener.onMessage(message);
		}
		catch (NoListenerException ex) {
			this.assembly.log().noListener(this.connection, frame.length);
		}
		catch (Exception ex) {
			flowFailed("a frame of " + frame.length + " bytes", ex);
		}
		catch (Error ex) {
			flowBroke(ex);
		}
	}

	/** Tells of a flow's own failure; that its client has left is none. */
	private void flowFailed(String what, Exception failure) {
		if (this.connection.isOpen() && !this.handler.isClosed() && !this.connection.isGone()) {
			this.assembly.log().flowFailed(this.connection, what, failure);
		}
		else {
			logger.debug("connection {} - the flow failed for {}, after its client had left: {}",
					this.connection.getConnectionId(), what, failure.getMessage());
		}
	}

	/** Closes the connection: what state the flow is in for it, nobody knows. */
	private void flowBroke(Error failure) {
		this.assembly.log().flowBroke(this.connection, failure);
		this.connection.closeFor(new IOException("the flow failed with an error", failure));
		Failures.rethrowFatal(failure);
	}

	/** As with stock connections, a mapper that fails ends the connection. */
	private @Nullable Message<?> map(byte[] frame) {
		if (this.mapperFailed) {
			return null;
		}
		try {
			return toMessage(frame);
		}
		catch (Exception ex) {
			this.mapperFailed = true;
			this.connection.receiveEnd(ex);
			return null;
		}
	}

	private @Nullable Message<?> toMessage(byte[] frame) {
		if (this.connection.getMapper() instanceof FrameMapper mapper && mapper.hasSharedHeaders()) {
			MessageHeaders shared = this.headers;
			if (shared == null) {
				shared = new ConnectionHeaders(this.connection);
				this.headers = shared;
			}
			return new GenericMessage<>(frame, shared);
		}
		this.payload = frame;
		return this.connection.getMapper().toMessage(this.connection);
	}

	private enum Event {

		OPENED

	}

}
