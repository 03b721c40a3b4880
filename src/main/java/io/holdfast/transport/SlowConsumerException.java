package io.holdfast.transport;

import java.io.IOException;

/**
 * A peer left more output unread, or for longer, than {@link OutputLimits} allow. Has no
 * stack trace: it tells about the peer.
 */
public final class SlowConsumerException extends IOException {

	private static final long serialVersionUID = 1L;

	SlowConsumerException(String message) {
		super(message);
	}

	@Override
	public synchronized Throwable fillInStackTrace() {
		return this;
	}

}
