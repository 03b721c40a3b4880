package io.holdfast.transport;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Keeps an event loop busy, so that all that happens meanwhile waits for it.
 */
final class BusyLoop {

	private BusyLoop() {
	}

	/** Runs an action once the loop is busy, and lets the loop go on after it. */
	static void during(Executor loop, Runnable action) {
		CompletableFuture<Void> busy = new CompletableFuture<>();
		CompletableFuture<Void> over = new CompletableFuture<>();
		loop.execute(() -> {
			busy.complete(null);
			over.join();
		});
		try {
			// a loop that wakes up late would see to its connections first
			busy.join();
			action.run();
		}
		finally {
			over.complete(null);
		}
	}

}
