package io.holdfast.transport;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.integration.ip.tcp.connection.TcpConnectionInterceptorSupport;
import org.springframework.messaging.Message;
import org.springframework.messaging.support.ErrorMessage;
import org.springframework.messaging.support.GenericMessage;

/**
 * Lets a connection be used, and be called open, only after the client has said a word
 * and the server has said it back.
 */
final class HandshakeInterceptor extends TcpConnectionInterceptorSupport {

	private final String word;

	private final CountDownLatch agreed = new CountDownLatch(1);

	private volatile boolean asked;

	HandshakeInterceptor(String word, ApplicationEventPublisher events) {
		super(events);
		this.word = word;
	}

	@Override
	protected void publishConnectionOpenEvent() {
		// only once the word has come back
	}

	@Override
	public void onMessage(Message<?> message) {
		if (this.agreed.getCount() == 0 || message instanceof ErrorMessage) {
			super.onMessage(message);
			return;
		}
		if (!this.word.equals(new String((byte[]) message.getPayload(), StandardCharsets.UTF_8))) {
			close();
			throw new IllegalStateException("the peer does not know the word");
		}
		if (isServer()) {
			super.send(new GenericMessage<>(this.word));
		}
		this.agreed.countDown();
		super.publishConnectionOpenEvent();
	}

	@Override
	public void send(Message<?> message) {
		if (!isServer() && this.agreed.getCount() > 0) {
			ask();
		}
		super.send(message);
	}

	private void ask() {
		if (!this.asked) {
			this.asked = true;
			super.send(new GenericMessage<>(this.word));
		}
		try {
			if (!this.agreed.await(10, TimeUnit.SECONDS)) {
				throw new IllegalStateException("the peer has not said the word");
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("interrupted", ex);
		}
	}

}
