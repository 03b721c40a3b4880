package io.holdfast.upstream;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

import org.springframework.integration.ip.IpHeaders;
import org.springframework.integration.ip.tcp.connection.TcpConnectionInterceptorSupport;
import org.springframework.integration.ip.tcp.connection.TcpListener;
import org.springframework.messaging.Message;
import org.springframework.messaging.MessageHeaders;
import org.springframework.messaging.support.ErrorMessage;
import org.springframework.messaging.support.GenericMessage;

/**
 * A link in the hands of Spring Integration. Closing it gives the link back, unless
 * something may still come on it that would be taken for the next borrower's.
 */
final class LentConnection extends TcpConnectionInterceptorSupport {

	private final Link link;

	private final @Nullable TcpListener listener;

	private final Consumer<LentConnection> forget;

	private final AtomicBoolean released = new AtomicBoolean();

	private final AtomicLong sent = new AtomicLong();

	private final AtomicLong received = new AtomicLong();

	private volatile @Nullable Thread sending;

	private long framesBefore;

	/**
	 * A connection that is not taken yet.
	 * @param forget told once when it is closed
	 */
	LentConnection(Link link, @Nullable TcpListener listener, Consumer<LentConnection> forget) {
		this.link = link;
		this.listener = listener;
		this.forget = forget;
		setTheConnection(link.connection());
	}

	/** On the link's loop. */
	void take() {
		this.framesBefore = framesIn();
		registerListener(this.listener);
		this.link.lendTo(this);
	}

	private long framesIn() {
		return this.link.connection().traffic().framesIn();
	}

	@Override
	public void send(Message<?> message) {
		// before it is: its reply, or the end of the link, may be quicker than this
		// thread
		this.sent.incrementAndGet();
		this.sending = Thread.currentThread();
		try {
			super.send(message);
		}
		finally {
			this.sending = null;
		}
	}

	@Override
	public void close() {
		if (this.released.compareAndSet(false, true)) {
			this.forget.accept(this);
			// a send that fails closes this first and the link next: nothing to give back
			if (this.sending != Thread.currentThread()) {
				this.link.eventLoop().execute(this::giveBack);
			}
		}
	}

	/** On the link's loop. */
	private void giveBack() {
		boolean replyDue = this.listener != null && this.received.get() < this.sent.get();
		if (this.link.isEnding()) {
			// the listener stays, for it is still to be told why
			if (replyDue) {
				this.link.lostRequests(this);
			}
		}
		else if (replyDue) {
			this.link.timedOut(this);
			this.link.discard(Eviction.TIMED_OUT);
		}
		else if (framesIn() - this.framesBefore > this.received.get()) {
			// on its way to a worker, who would hand it to whoever has the link then
			this.link.discard(Eviction.UNREAD);
		}
		else {
			this.link.takeBack();
			this.link.release();
		}
	}

	/**
	 * Closes the link instead of giving it back, because a reply has not come.
	 */
	void discard() {
		if (this.released.compareAndSet(false, true)) {
			this.forget.accept(this);
			this.link.timedOut(this);
			this.link.discard(Eviction.TIMED_OUT);
		}
	}

	@Override
	public boolean isOpen() {
		return !this.released.get() && this.link.isOpen();
	}

	@Override
	public String getConnectionId() {
		return "Lent:" + super.getConnectionId();
	}

	/**
	 * Names this connection instead of the link in the message, so that a gateway finds
	 * its request.
	 */
	@Override
	public void onMessage(Message<?> message) {
		Map<String, Object> headers = new HashMap<>(message.getHeaders());
		headers.put(IpHeaders.ACTUAL_CONNECTION_ID, super.getConnectionId());
		headers.put(IpHeaders.CONNECTION_ID, getConnectionId());
		if (message instanceof ErrorMessage error) {
			super.onMessage(new ErrorMessage(error.getPayload(), headers));
			return;
		}
		this.received.incrementAndGet();
		this.link.answered();
		super.onMessage(new GenericMessage<>(message.getPayload(), new MessageHeaders(headers)));
	}

	@Override
	public String toString() {
		return getConnectionId();
	}

}
