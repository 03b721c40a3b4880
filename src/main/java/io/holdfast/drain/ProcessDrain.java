package io.holdfast.drain;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import io.holdfast.drain.DrainProgress.Phase;
import io.holdfast.listener.Listener;
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
 * Drains the process, once: says that it is not ready, accepts for a while longer, closes
 * the ports, and lets all connections leave. Begun by an operator, or by the stop of the
 * application, which waits here until it has ended.
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

	private final CountDownLatch drained = new CountDownLatch(1);

	private Phase phase = Phase.SERVING;

	private long waitEndNanos;

	private @Nullable Leaving leaving;

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
	public void start() {
		synchronized (this) {
			if (this.phase != Phase.SERVING) {
				return;
			}
			this.phase = Phase.WAITING;
			this.waitEndNanos = this.departures.nanoTime() + this.settings.waitFor().toNanos();
		}
		logger.info("drain - begun with {} connections: accepts for {}, then {} leave, what is left after {} is cut",
				this.departures.count(this.names), Seconds.text(this.settings.waitFor()), this.settings.rate(),
				Seconds.text(this.settings.timeout()));
		AvailabilityChangeEvent.publish(this.application, ReadinessState.REFUSING_TRAFFIC);
		this.departures.repeat(this::advance);
	}

	private synchronized boolean advance(long nowNanos) {
		if (this.phase == Phase.WAITING && nowNanos - this.waitEndNanos >= 0) {
			this.phase = Phase.LEAVING;
			this.listenerDrains.giveUp();
			this.listeners.forEach(Listener::closePort);
			this.leaving = this.departures.begin(this.names, nowNanos);
		}
		Leaving under = this.leaving;
		if (under == null || !under.advance(nowNanos)) {
			return false;
		}
		this.departures.end(under);
		this.phase = Phase.DRAINED;
		logger.info("drain - ended: {}", under.summary(nowNanos));
		this.drained.countDown();
		return true;
	}

	/**
	 * Where it stands.
	 */
	public synchronized DrainProgress progress() {
		long now = this.departures.nanoTime();
		Leaving under = this.leaving;
		long toGo = switch (this.phase) {
			case SERVING -> this.settings.waitFor().plus(this.settings.timeout()).toNanos();
			case WAITING -> Math.max(0, this.waitEndNanos - now) + this.settings.timeout().toNanos();
			case LEAVING -> (under != null) ? under.nanosToGo(now) : 0;
			case DRAINED -> 0;
		};
		return new DrainProgress(this.phase, this.departures.count(this.names), (under != null) ? under.closed() : 0,
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
		start();
		try {
			Duration longest = this.settings.waitFor().plus(this.settings.timeout()).plus(MARGIN);
			if (!this.drained.await(longest.toMillis(), TimeUnit.MILLISECONDS)) {
				logger.error("drain - not ended after {}, the process stops without it", Seconds.text(longest));
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			logger.warn("drain - interrupted, the process stops with {} connections",
					this.departures.count(this.names));
		}
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

}
