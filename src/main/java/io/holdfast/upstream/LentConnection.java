package io.holdfast.upstream;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
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
 * A link in the hands of Spring Integration. Closing it gives the link back.
 */
final class LentConnection extends TcpConnectionInterceptorSupport {

	private final Link link;

	private final @Nullable TcpListener listener;

	private final Consumer<LentConnection> forget;

	private final AtomicBoolean released = new AtomicBoolean();

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
		registerListener(this.listener);
		this.link.lendTo(this);
	}

	@Override
	public void close() {
		if (this.released.compareAndSet(false, true)) {
			this.forget.accept(this);
			this.link.eventLoop().execute(() -> {
				this.link.takeBack();
				this.link.release();
			});
		}
	}

	/** Closes the link instead of giving it back. */
	void discard() {
		this.link.discard(Eviction.TIMED_OUT);
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
	 * its request, and gives the link back after a reply.
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
		super.onMessage(new GenericMessage<>(message.getPayload(), new MessageHeaders(headers)));
	}

	@Override
	public String toString() {
		return getConnectionId();
	}

}
