package io.holdfast.connection;

import java.io.IOException;
import java.io.Serial;

/**
 * Ends a connection for a reason that the gateway found. It carries no stack trace,
 * because it says all there is.
 */
public final class EndedException extends IOException {

	@Serial
	private static final long serialVersionUID = 1L;

	private final CloseReason reason;

	/**
	 * An end.
	 * @param reason why
	 * @param message what happened, with numbers
	 */
	public EndedException(CloseReason reason, String message) {
		super(message);
		this.reason = reason;
	}

	public CloseReason reason() {
		return this.reason;
	}

	@Override
	public synchronized Throwable fillInStackTrace() {
		return this;
	}

}
