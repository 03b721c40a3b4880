package io.holdfast.transport;

import java.io.IOException;

/**
 * A connection was closed because it held much memory when the {@link MemoryBudget} of
 * all connections was nearly used up. Has no stack trace: it says all there is.
 */
public final class OverloadedException extends IOException {

	private static final long serialVersionUID = 1L;

	OverloadedException(String message) {
		super(message);
	}

	@Override
	public synchronized Throwable fillInStackTrace() {
		return this;
	}

}
