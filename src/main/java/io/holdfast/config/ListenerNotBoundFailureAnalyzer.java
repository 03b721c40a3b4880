package io.holdfast.config;

import java.util.Locale;

import io.holdfast.listener.ListenerNotBoundException;
import io.netty.util.NetUtil;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Says in one sentence which listener could not have its port, why, and what to do.
 */
final class ListenerNotBoundFailureAnalyzer extends AbstractFailureAnalyzer<ListenerNotBoundException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, ListenerNotBoundException cause) {
		String why = why(cause);
		return new FailureAnalysis("listener '%s' - cannot bind %s: %s; %s".formatted(cause.listener(),
				NetUtil.toSocketAddressString(cause.address()), why, remedy(why, cause)), null, cause);
	}

	// Netty puts the system call before the operating system's words
	private static String why(ListenerNotBoundException cause) {
		Throwable refusal = (cause.getCause() != null) ? cause.getCause() : cause;
		String message = String.valueOf((refusal.getMessage() != null) ? refusal.getMessage() : refusal);
		return message.substring(message.lastIndexOf(": ") + 1).strip().toLowerCase(Locale.ROOT);
	}

	private static String remedy(String why, ListenerNotBoundException cause) {
		String key = "gateway.listeners." + cause.listener();
		if (why.contains("in use")) {
			return "stop the process that holds the port, or set " + key + ".port to another";
		}
		if (why.contains("permission denied")) {
			return "set " + key + ".port above 1023, or give the process the capability CAP_NET_BIND_SERVICE";
		}
		return "set " + key + ".address and " + key + ".port to what this machine has";
	}

}
