package io.holdfast.transport;

import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationEventPublisher;

/**
 * Keeps the failures of those who observe events from the connection that they are about,
 * and from the log beyond a line a second: the stock way is a line for each.
 */
final class GuardedPublisher implements ApplicationEventPublisher {

	private final @Nullable ApplicationEventPublisher delegate;

	private final FactoryLog log;

	GuardedPublisher(@Nullable ApplicationEventPublisher delegate, FactoryLog log) {
		this.delegate = delegate;
		this.log = log;
	}

	@Override
	public void publishEvent(Object event) {
		if (this.delegate == null) {
			this.log.noPublisher(event);
			return;
		}
		try {
			this.delegate.publishEvent(event);
		}
		catch (RuntimeException | Error ex) {
			this.log.eventFailed(event, ex);
			Failures.rethrowFatal(ex);
		}
	}

}
