package io.holdfast.transport;

import java.nio.charset.StandardCharsets;
import java.util.Objects;

import org.springframework.integration.channel.QueueChannel;
import org.springframework.integration.ip.IpHeaders;
import org.springframework.messaging.Message;

/**
 * The channel at the end of a flow, where a test picks up what has arrived.
 */
final class Inbox extends QueueChannel {

	private static final long PATIENCE_MILLIS = 10_000;

	Message<?> next() {
		return Objects.requireNonNull(receive(PATIENCE_MILLIS), "no message has arrived");
	}

	byte[] nextBytes() {
		return (byte[]) next().getPayload();
	}

	String nextText() {
		return new String(nextBytes(), StandardCharsets.UTF_8);
	}

	/**
	 * The id of the connection on which the next message has come.
	 */
	String nextConnectionId() {
		return Objects.requireNonNull(next().getHeaders().get(IpHeaders.CONNECTION_ID, String.class));
	}

	boolean isEmpty() {
		return getQueueSize() == 0;
	}

}
