package io.holdfast.route;

import io.holdfast.transport.PacedLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs failures of a relay's own code, or of the application's code that it calls, once a
 * second at most. Any thread.
 */
final class Faults {

	private static final Logger logger = LoggerFactory.getLogger(Relay.class);

	private final String listener;

	private final PacedLog log = new PacedLog();

	Faults(String listener) {
		this.listener = listener;
	}

	/**
	 * Logs a failure with its trace.
	 * @param what the relay was doing, in the past tense
	 */
	void tell(String what, Throwable failure) {
		this.log
			.write((more) -> logger.error("listener '{}' - the relay failed when it {}{}; the frame counts as failed,"
					+ " see whose code the trace names", this.listener, what, more, failure));
	}

}
