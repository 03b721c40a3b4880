package io.holdfast.transport;

import org.jspecify.annotations.Nullable;

/**
 * Treats what is thrown by code that is not ours: an application's flow, its
 * interceptors, its observers.
 */
final class Failures {

	private static final int MAX_CAUSES = 20;

	private static final int MAX_LENGTH = 200;

	private Failures() {
	}

	/**
	 * Tells a failure in one line: what failed at the root of it, and where. Messages of
	 * exceptions may hold what a peer has sent, so they are cut, and freed of control
	 * characters.
	 */
	static String text(Throwable failure) {
		Throwable root = failure;
		for (int i = 0; i < MAX_CAUSES && root.getCause() != null; i++) {
			root = root.getCause();
		}
		return root.getClass().getSimpleName() + message(root.getMessage()) + place(root.getStackTrace());
	}

	private static String message(@Nullable String message) {
		if (message == null) {
			return "";
		}
		String cut = (message.length() > MAX_LENGTH) ? message.substring(0, MAX_LENGTH) + "..." : message;
		return ": " + cut.replaceAll("\\p{Cntrl}", " ");
	}

	private static String place(StackTraceElement[] trace) {
		return (trace.length > 0) ? ", at " + trace[0] : "";
	}

	/**
	 * Throws on what puts the whole JVM in doubt, such as a lack of memory. A stack that
	 * overflows does not: one frame may cause it.
	 */
	static void rethrowFatal(Throwable failure) {
		if (failure instanceof VirtualMachineError fatal && !(failure instanceof StackOverflowError)) {
			throw fatal;
		}
	}

}
