package io.holdfast.route;

import java.util.function.LongSupplier;

import io.holdfast.connection.ConnectionRegistry;
import io.holdfast.protocol.OneWay;
import org.jspecify.annotations.Nullable;

/**
 * What the clients of one relay have in common. Any thread.
 */
final class RelayContext {

	private final Outcomes outcomes;

	private final Faults faults;

	private final ConnectionRegistry registry;

	private final OnFailure.Action onFailure;

	private final byte[] failureReply;

	private final @Nullable OneWay oneWay;

	private final LongSupplier clock;

	/**
	 * Creates the context of a relay.
	 * @param listener whose frames are relayed
	 * @param registry closes clients
	 * @param onFailure what a client gets in place of a reply
	 * @param oneWay which frames have no reply; null if all have one
	 * @param clock the time of the event loops
	 */
	RelayContext(String listener, ConnectionRegistry registry, OnFailure onFailure, @Nullable OneWay oneWay,
			LongSupplier clock) {
		this.faults = new Faults(listener);
		this.outcomes = new Outcomes(this.faults);
		this.registry = registry;
		this.onFailure = onFailure.action();
		this.failureReply = onFailure.replyBytes();
		this.oneWay = (oneWay != null && !oneWay.isNever()) ? oneWay : null;
		this.clock = clock;
	}

	Outcomes outcomes() {
		return this.outcomes;
	}

	/** Logs what should not have happened. */
	Faults faults() {
		return this.faults;
	}

	ConnectionRegistry registry() {
		return this.registry;
	}

	OnFailure.Action onFailure() {
		return this.onFailure;
	}

	/** What a client is sent after a failure, not to be changed. */
	byte[] failureReply() {
		return this.failureReply;
	}

	long nanoTime() {
		return this.clock.getAsLong();
	}

	/** Whether any frame may be one that has no reply. */
	boolean hasOneWay() {
		return this.oneWay != null;
	}

	boolean isOneWay(byte[] frame) {
		return this.oneWay != null && this.oneWay.matches(frame);
	}

}
