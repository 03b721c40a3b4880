package io.holdfast.upstream;

import java.io.IOException;

/**
 * A server has taken a connection and was of no use on it, which is no better than a
 * refusal. Carries what happened, and no stack trace.
 */
final class FleetingLinkException extends IOException {

	private static final long serialVersionUID = 1L;

	FleetingLinkException(String message) {
		super(message);
	}

	@Override
	public Throwable fillInStackTrace() {
		return this;
	}

}
