package io.holdfast.transport;

import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

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
 * at the limit, until half of that is left.
 */
final class Handover implements Mailbox.Owner {

	private static final Logger logger = LoggerFactory.getLogger(NettyTcpConnection.class);

	/** How soon a connection that found no worker looks for one again. */
	private static final long RETRY_MILLIS = 10;

	private final NettyTcpConnection connection;

	private final FrameHandler handler;

	private final ConnectionAssembly assembly;

	/** Null while frames are handed over on the loop. */
	private volatile @Nullable Mailbox mailbox;

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

	private boolean useWorkers(@Nullable Executor workers) {
		this.mailbox = (workers != null) ? new Mailbox(workers, this) : null;
		return workers != null;
	}

	void opened() {
		Mailbox own = this.mailbox;
		if (own == null) {
			this.connection.tellOpened();
		}
		else {
			own.add(Event.OPENED);
		}
	}

	void frame(byte[] frame) {
		Mailbox own = this.mailbox;
		if (own == null) {
			deliverFrame(frame);
			return;
		}
		own.add(frame);
		if (own.bytes() > this.assembly.maxPendingInput()) {
			this.handler.input().pause(Pause.WORKERS);
			// the worker may have emptied it between the look and the pause
			if (own.bytes() <= this.assembly.maxPendingInput() / 2) {
				this.handler.input().resume(Pause.WORKERS);
			}
		}
	}

	void ended(Throwable cause) {
		Mailbox own = this.mailbox;
		if (own == null) {
			this.connection.tellEnd(cause);
		}
		else {
			own.add(cause);
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
		try {
			if (entry instanceof byte[] frame) {
				if (this.connection.isOpen()) {
					deliverFrame(frame);
				}
			}
			else if (entry instanceof Throwable cause) {
				this.connection.tellEnd(cause);
			}
			else if (this.connection.isOpen()) {
				this.connection.tellOpened();
			}
		}
		catch (RuntimeException ex) {
			logger.error("connection {} - failed to hand over an event", this.connection.getConnectionId(), ex);
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
	public void refused() {
		Mailbox own = this.mailbox;
		if (own == null) {
			return;
		}
		if (this.assembly.closesWhenWorkersAreFull()) {
			this.connection.closeFor(new WorkersFullException());
		}
		this.handler.context().executor().schedule(own::schedule, RETRY_MILLIS, TimeUnit.MILLISECONDS);
	}

	private void deliverFrame(byte[] frame) {
		Message<?> message;
		try {
			message = toMessage(frame);
		}
		catch (Exception ex) {
			// as with stock connections: a mapper that fails ends the connection
			this.connection.receiveEnd(ex);
			return;
		}
		if (message == null) {
			return;
		}
		try {
			TcpListener listener = this.connection.getListener();
			if (listener == null) {
				throw new NoListenerException("No listener");
			}
			listener.onMessage(message);
		}
		catch (NoListenerException ex) {
			logger.warn(
					"connection {} - dropped a frame of {} bytes: no listener is registered;"
							+ " add an inbound adapter to its connection factory",
					this.connection.getConnectionId(), frame.length);
		}
		catch (Exception ex) {
			flowFailed(frame, ex);
		}
	}

	/** A flow's own failure is worth a stack trace; that its client has left is not. */
	private void flowFailed(byte[] frame, Exception failure) {
		if (this.connection.isOpen() && !this.handler.isClosed()) {
			logger.error("connection {} - the flow failed for a frame of {} bytes", this.connection.getConnectionId(),
					frame.length, failure);
		}
		else {
			logger.debug("connection {} - the flow failed for a frame of {} bytes, after its client had left: {}",
					this.connection.getConnectionId(), frame.length, failure.getMessage());
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
