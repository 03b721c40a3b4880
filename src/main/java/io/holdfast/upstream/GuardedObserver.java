package io.holdfast.upstream;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes times on to an observer whose exceptions must not hurt lending. The first one is
 * logged.
 */
final class GuardedObserver implements UpstreamObserver {

	private static final Logger logger = LoggerFactory.getLogger(Upstream.class);

	private final String name;

	private final UpstreamObserver observer;

	private final AtomicBoolean told = new AtomicBoolean();

	GuardedObserver(String name, UpstreamObserver observer) {
		this.name = name;
		this.observer = observer;
	}

	@Override
	public void acquired(long nanos) {
		tell(this.observer::acquired, nanos);
	}

	@Override
	public void used(long nanos) {
		tell(this.observer::used, nanos);
	}

	@Override
	public void created(long nanos) {
		tell(this.observer::created, nanos);
	}

	private void tell(LongConsumer event, long nanos) {
		try {
			event.accept(nanos);
		}
		catch (RuntimeException ex) {
			if (this.told.compareAndSet(false, true)) {
				logger.error("upstream '{}' - an observer failed; later failures of it are not logged", this.name, ex);
			}
		}
	}

}
