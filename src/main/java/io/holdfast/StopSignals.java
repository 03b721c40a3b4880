package io.holdfast;

import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicBoolean;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stops the process when the system asks for it. The first signal drains and exits with
 * 0, since a stop in order is no failure; the second ends at once. Shutdown hooks cannot
 * do that: they never hear of a second signal. For a process of its own only, where no
 * application around it has its own idea of signals.
 */
final class StopSignals {

	private static final Logger logger = LoggerFactory.getLogger(StopSignals.class);

	/** The number that shells add to a signal's. */
	private static final int SIGNALLED = 128;

	private static final int SIGINT = 2;

	private static final int SIGTERM = 15;

	private final AtomicBoolean stopping = new AtomicBoolean();

	/** From now on. */
	void install() {
		handle("TERM", SIGTERM);
		handle("INT", SIGINT);
	}

	// by name: the class is open to all, and the only way to hear of a signal, but the
	// compiler warns of it in words that nothing can answer
	private void handle(String name, int number) {
		try {
			Class<?> signal = Class.forName("sun.misc.Signal");
			Class<?> handler = Class.forName("sun.misc.SignalHandler");
			Object receiver = Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[] { handler },
					(proxy, method, arguments) -> {
						received(name, number);
						return null;
					});
			signal.getMethod("handle", signal, handler)
				.invoke(null, signal.getConstructor(String.class).newInstance(name), receiver);
		}
		catch (ReflectiveOperationException ex) {
			logger.debug("SIG{} keeps the effect that Java gives it, and drains all the same", name, ex);
		}
	}

	private void received(String name, int number) {
		if (this.stopping.compareAndSet(false, true)) {
			// not here: exit waits for the drain, and hooks are run by whoever calls it
			new Thread(() -> System.exit(0), "exit").start();
		}
		else {
			logger.warn("SIG{} came again - ended at once, whatever connections are owed", name);
			Runtime.getRuntime().halt(SIGNALLED + number);
		}
	}

}
