package io.holdfast.transport;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.integration.ip.IpHeaders;
import org.springframework.messaging.Message;
import org.springframework.messaging.MessageHandler;
import org.springframework.messaging.MessagingException;

/**
 * Logs what comes to Spring Integration's {@code errorChannel}: failures of flows that go
 * on on threads of their own. Peers cause them with their frames, so they take one line a
 * second at most, see {@link PacedLog}; the stack trace comes with it where
 * {@code io.holdfast.transport} is logged at DEBUG. Any thread.
 */
public final class ErrorChannelLog implements MessageHandler {

	private static final Logger logger = LoggerFactory.getLogger(ErrorChannelLog.class);

	private final PacedLog log = new PacedLog();

	@Override
	public void handleMessage(Message<?> message) {
		if (message.getPayload() instanceof Throwable failure) {
			FactoryLog.failed(this.log, logger, failure, "errorChannel - a flow failed" + whose(failure));
		}
		else {
			String type = message.getPayload().getClass().getName();
			this.log.write((more) -> logger.error("errorChannel - a flow sent a {}{}", type, more));
		}
	}

	/** Names the connection whose frame the failure is about, where the flow tells. */
	private static String whose(Throwable failure) {
		Message<?> failed = (failure instanceof MessagingException messaging) ? messaging.getFailedMessage() : null;
		Object id = (failed != null) ? failed.getHeaders().get(IpHeaders.CONNECTION_ID) : null;
		return (id != null) ? " for a frame of " + id : "";
	}

}
