package io.holdfast.drain;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import io.holdfast.drain.DrainProgress.Phase;
import io.holdfast.listener.Listener;
import io.holdfast.listener.ListenerNotBoundException;
import io.holdfast.listener.ListenerState;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.core.Ordered;

/**
 * Drains the process: says that it is not ready, accepts for a while longer, closes the
 * ports, and lets all connections leave. Begun by an operator, who can take it back, or
 * by the stop of the application, which waits here until it has ended.
 * <p>
 * Not a phase of the application's life cycle but before all of them: those have a
 * timeout of their own, and Spring's executors, on which a flow may be working for a
 * client, take nothing more once the first other receiver has heard of the stop. Any
 * thread, guarded by this.
 */
public final class ProcessDrain implements ApplicationListener<ContextClosedEvent>, Ordered {

	private static final Logger logger = LoggerFactory.getLogger(ProcessDrain.class);

	/** How much longer than it may take it is waited for. */
	private static final Duration MARGIN = Duration.ofSeconds(10);

	private final DrainSettings settings;

	private final List<Listener> listeners;

	private final Set<String> names;

	private final Departures departures;

	private final ListenerDrains listenerDrains;

	private final ApplicationContext application;

	private @Nullable Attempt current;

	private boolean stopping;

	/**
	 * A drain that has not begun.
	 * @param settings how fast, and how long
	 * @param listeners all listeners
	 * @param departures has connections leave
	 * @param listenerDrains ends with this
	 * @param application says whether it is ready, and stops
	 */
	public ProcessDrain(DrainSettings settings, Collection<Listener> listeners, Departures departures,
			ListenerDrains listenerDrains, ApplicationContext application) {
		this.settings = settings;
		this.listeners = List.copyOf(listeners);
		this.names = listeners.stream().map(Listener::name).collect(Collectors.toUnmodifiableSet());
		this.departures = departures;
		this.listenerDrains = listenerDrains;
		this.application = application;
	}

	/**
	 * Begins, and returns at once. Does nothing if it has begun.
	 */
	public synchronized void start() {
		if (this.current != null) {
			return;
		}
		Attempt attempt = new Attempt(this.departures.nanoTime() + this.settings.waitFor().toNanos());
		this.current = attempt;
		logger.info("drain - begun with {} connections: accepts for {}, then {} leave, what is left after {} is cut",
				this.departures.count(this.names), Seconds.text(this.settings.waitFor()), this.settings.rate(),
				Seconds.text(this.settings.timeout()));
		AvailabilityChangeEvent.publish(this.application, ReadinessState.REFUSING_TRAFFIC);
		this.departures.repeat((nowNanos) -> advance(attempt, nowNanos));
	}

	private synchronized boolean advance(Attempt attempt, long nowNanos) {
		Leaving under = attempt.leaving;
		if (attempt != this.current) {
			return under == null || under.seeOff(nowNanos);
		}
		if (under == null) {
			if (nowNanos - attempt.waitEndNanos < 0) {
				return false;
			}
			this.listenerDrains.giveUp();
			attempt.closePorts(this.listeners);
			under = this.departures.begin(this.names, nowNanos);
			attempt.leaving = under;
		}
		if (!under.advance(nowNanos)) {
			return false;
		}
		this.departures.end(under);
		logger.info("drain - ended: {}", under.summary(nowNanos));
		attempt.drained.countDown();
		return true;
	}

	/**
	 * Takes the drain back: opens the ports again that it has closed, and says that the
	 * process is ready. Connections that were told to leave go on leaving, within the
	 * time that they had; the others stay. Does nothing if none has begun.
	 * @throws IllegalStateException if the application stops, or if a port cannot be
	 * bound again; then the others are open
	 */
	public synchronized void cancel() {
		if (this.stopping) {
			throw new IllegalStateException("the process is being stopped, so its drain cannot be taken back");
		}
		Attempt attempt = this.current;
		if (attempt == null) {
			return;
		}
		this.current = null;
		Leaving under = attempt.leaving;
		int left = this.departures.count(this.names);
		if (under != null) {
			this.departures.end(under);
			this.listenerDrains.goOn();
		}
		List<String> failures = attempt.reopenPorts();
		logger.info("drain - taken back: ready again with {} connections; those that were told to leave still do",
				left);
		AvailabilityChangeEvent.publish(this.application, ReadinessState.ACCEPTING_TRAFFIC);
		if (!failures.isEmpty()) {
			throw new IllegalStateException("the drain was taken back, but " + String.join(", ", failures)
					+ "; free the port, then resume the listener");
		}
	}

	/**
	 * Where it stands.
	 */
	public synchronized DrainProgress progress() {
		long now = this.departures.nanoTime();
		Attempt attempt = this.current;
		Leaving under = (attempt != null) ? attempt.leaving : null;
		Phase phase = (attempt != null) ? attempt.phase() : Phase.SERVING;
		long toGo = switch (phase) {
			case SERVING -> this.settings.waitFor().plus(this.settings.timeout()).toNanos();
			case WAITING ->
				((attempt != null) ? Math.max(0, attempt.waitEndNanos - now) : 0) + this.settings.timeout().toNanos();
			case LEAVING -> (under != null) ? under.nanosToGo(now) : 0;
			case DRAINED -> 0;
		};
		return new DrainProgress(phase, this.departures.count(this.names), (under != null) ? under.closed() : 0,
				this.departures.pending(this.names), Duration.ofNanos(toGo), (under != null) ? under.cut() : 0,
				(under != null) ? under.cutWithPending() : 0);
	}

	/**
	 * The application stops: drains, and returns when that has ended.
	 */
	@Override
	public void onApplicationEvent(ContextClosedEvent event) {
		if (event.getApplicationContext() != this.application || !isListening()) {
			return;
		}
		try {
			Duration longest = this.settings.waitFor().plus(this.settings.timeout()).plus(MARGIN);
			if (!startForGood().await(longest.toMillis(), TimeUnit.MILLISECONDS)) {
				logger.error("drain - not ended after {}, the process stops without it", Seconds.text(longest));
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			logger.warn("drain - interrupted, the process stops with {} connections",
					this.departures.count(this.names));
		}
	}

	private synchronized CountDownLatch startForGood() {
		this.stopping = true;
		start();
		return Objects.requireNonNull(this.current).drained;
	}

	/** Else nothing has begun that would have to end in order. */
	private boolean isListening() {
		return this.listeners.stream().anyMatch(Listener::isRunning);
	}

	/** The executors that flows use hear of the stop too, and would stop at once. */
	@Override
	public int getOrder() {
		return HIGHEST_PRECEDENCE;
	}

	@Override
	public boolean supportsAsyncExecution() {
		return false;
	}

	/**
	 * One drain, from its begin until it is taken back. Guarded by the process drain.
	 */
	private static final class Attempt {

		private final CountDownLatch drained = new CountDownLatch(1);

		private final long waitEndNanos;

		/** Those whose ports were closed, and whether they were paused before. */
		private final Map<Listener, Boolean> closed = new LinkedHashMap<>();

		private @Nullable Leaving leaving;

		Attempt(long waitEndNanos) {
			this.waitEndNanos = waitEndNanos;
		}

		Phase phase() {
			if (this.leaving == null) {
				return Phase.WAITING;
			}
			return (this.drained.getCount() > 0) ? Phase.LEAVING : Phase.DRAINED;
		}

		void closePorts(List<Listener> listeners) {
			for (Listener listener : listeners) {
				boolean paused = listener.state() == ListenerState.PAUSED;
				if (listener.closePort()) {
					this.closed.put(listener, paused);
				}
			}
		}

		/** Returns what has failed, in words. */
		List<String> reopenPorts() {
			List<String> failures = new ArrayList<>();
			this.closed.forEach((listener, paused) -> {
				try {
					listener.resume();
					if (paused) {
						listener.pause();
					}
				}
				catch (ListenerNotBoundException ex) {
					failures.add(String.valueOf(ex.getMessage()));
				}
			});
			return failures;
		}

	}

}
