package io.holdfast;

import io.holdfast.transport.LoopEndObserver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the process at once when an event loop has ended by an error: half of its
 * connections are gone, and it would go on as if nothing had happened. Whoever supervises
 * it starts it again. For a process of its own only.
 */
final class ProcessHalt implements LoopEndObserver {

	/** An internal error, as sysexits.h has it. */
	static final int SOFTWARE_ERROR = 70;

	private static final Logger logger = LoggerFactory.getLogger(ProcessHalt.class);

	@Override
	public void ended(String loop) {
		logger.error("event loop '{}' - ended by an error, which the log tells above, and its connections with it;"
				+ " the process ends with {}, so that it is started again", loop, SOFTWARE_ERROR);
		Runtime.getRuntime().halt(SOFTWARE_ERROR);
	}

}
