package io.holdfast.connection;

import java.util.concurrent.atomic.AtomicBoolean;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps an observer's failures from the connection they are about, and from the log after
 * the first.
 */
final class GuardedObserver implements ConnectionObserver {

	private static final Logger logger = LoggerFactory.getLogger(ConnectionRegistry.class);

	private final ConnectionObserver delegate;

	private final AtomicBoolean failed = new AtomicBoolean();

	GuardedObserver(ConnectionObserver delegate) {
		this.delegate = delegate;
	}

	@Override
	public void on(ConnectionEvent event) {
		try {
			this.delegate.on(event);
		}
		catch (RuntimeException | LinkageError | AssertionError ex) {
			if (this.failed.compareAndSet(false, true)) {
				logger.warn("observer '{}' - failed at connection '{}', not logged again: {}",
						this.delegate.getClass().getName(), event.connection().id(), ex.toString());
			}
		}
	}

}
