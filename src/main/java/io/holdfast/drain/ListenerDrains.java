package io.holdfast.drain;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

import io.holdfast.listener.Listener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drains single listeners while the process goes on. Each drains at the rate of the
 * settings. Any thread, guarded by this.
 */
public final class ListenerDrains {

	private static final Logger logger = LoggerFactory.getLogger(ListenerDrains.class);

	private final Departures departures;

	private final Map<String, Leaving> underWay = new HashMap<>();

	private boolean over;

	public ListenerDrains(Departures departures) {
		this.departures = departures;
	}

	/**
	 * Closes the port and lets all connections leave. Does nothing for a listener that
	 * has begun to.
	 * @throws IllegalStateException if the whole process leaves
	 */
	public synchronized void drain(Listener listener) {
		checkServing();
		if (listener.closePort()) {
			Leaving leaving = this.departures.begin(Set.of(listener.name()), this.departures.nanoTime());
			logger.info("listener '{}' - drains {} connections", listener.name(), leaving.left());
			this.underWay.put(listener.name(), leaving);
			this.departures.repeat((nowNanos) -> advance(listener.name(), leaving, nowNanos));
		}
	}

	/**
	 * Accepts connections again: after a pause or, on the same port, after a drain. One
	 * that is under way ends, and who was not told to leave stays.
	 * @throws IllegalStateException if the whole process leaves
	 * @throws io.holdfast.listener.ListenerNotBoundException if the port cannot be bound
	 */
	public synchronized void resume(Listener listener) {
		checkServing();
		forget(listener.name());
		listener.resume();
	}

	/** From now on, connections leave with the process. */
	synchronized void giveUp() {
		this.over = true;
		Set.copyOf(this.underWay.keySet()).forEach(this::forget);
	}

	/** The process stays after all, so listeners are drained one by one again. */
	synchronized void goOn() {
		this.over = false;
	}

	private synchronized boolean advance(String listener, Leaving leaving, long nowNanos) {
		if (this.underWay.get(listener) != leaving) {
			return leaving.seeOff(nowNanos);
		}
		if (!leaving.advance(nowNanos)) {
			return false;
		}
		forget(listener);
		logger.info("listener '{}' - drained: {}", listener, leaving.summary(nowNanos));
		return true;
	}

	private void forget(String listener) {
		Leaving leaving = this.underWay.remove(listener);
		if (leaving != null) {
			this.departures.end(leaving);
		}
	}

	private void checkServing() {
		if (this.over) {
			throw new IllegalStateException(
					"the process drains, so its listeners stay closed; take its drain back first");
		}
	}

}
