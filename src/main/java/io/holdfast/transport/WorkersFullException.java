package io.holdfast.transport;

import java.io.IOException;

/**
 * A connection was closed because no worker was free for its frames and the workers'
 * queue was full, with {@link WorkerSettings.WhenFull#REJECT}. Has no stack trace.
 */
public final class WorkersFullException extends IOException {

	private static final long serialVersionUID = 1L;

	WorkersFullException() {
		super("no worker is free and the workers' queue is full");
	}

	@Override
	public synchronized Throwable fillInStackTrace() {
		return this;
	}

}
