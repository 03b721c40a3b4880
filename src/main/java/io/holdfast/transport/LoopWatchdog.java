package io.holdfast.transport;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

import io.netty.util.concurrent.EventExecutor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks each event loop for a sign of life every second, on a thread of its own. A loop
 * that has ended, or has not answered for ten seconds, serves none of its connections,
 * and nothing else would tell: the management port does not use these loops. Any thread.
 */
public final class LoopWatchdog implements AutoCloseable {

	/** How long a loop may take to answer. */
	static final Duration PATIENCE = Duration.ofSeconds(10);

	private static final long PERIOD_SECONDS = 1;

	private static final Logger logger = LoggerFactory.getLogger(LoopWatchdog.class);

	private final List<Watched> loops;

	private final LongSupplier nanoTime;

	private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor((task) -> {
		Thread thread = new Thread(task, "holdfast-watchdog");
		thread.setDaemon(true);
		return thread;
	});

	/**
	 * A watchdog that begins with {@link #start()}.
	 * @param loops what it watches; closed after it
	 */
	public LoopWatchdog(EventLoops loops) {
		this(loops, System::nanoTime);
	}

	LoopWatchdog(EventLoops loops, LongSupplier nanoTime) {
		this.loops = loops.all().map(Watched::new).toList();
		this.nanoTime = nanoTime;
	}

	/**
	 * Begins to ask.
	 */
	public void start() {
		this.timer.scheduleAtFixedRate(this::lookAnyway, PERIOD_SECONDS, PERIOD_SECONDS, TimeUnit.SECONDS);
	}

	/**
	 * Describes a loop that does not serve its connections, as of a second ago; empty if
	 * nothing is.
	 */
	public Optional<String> trouble() {
		return this.loops.stream().flatMap((loop) -> Optional.ofNullable(loop.trouble).stream()).findFirst();
	}

	private void lookAnyway() {
		try {
			look();
		}
		catch (RuntimeException | Error ex) {
			// thrown on, it would be the last look, and nobody would hear of it
			logger.error("event loops - cannot be watched at the moment", ex);
		}
	}

	void look() {
		long now = this.nanoTime.getAsLong();
		for (int i = 0; i < this.loops.size(); i++) {
			this.loops.get(i).look(i + 1, now);
		}
	}

	@Override
	public void close() {
		this.timer.shutdownNow();
	}

	/**
	 * One loop. Belongs to the watchdog's thread but for what is volatile.
	 */
	private static final class Watched {

		private final EventExecutor loop;

		private volatile boolean answered = true;

		private volatile @Nullable String trouble;

		private long askedNanos;

		Watched(EventExecutor loop) {
			this.loop = loop;
		}

		void look(int number, long now) {
			String found = null;
			if (this.loop.isShuttingDown()) {
				found = "has ended";
			}
			else if (this.answered) {
				ask(now);
			}
			else if (now - this.askedNanos >= PATIENCE.toNanos()) {
				found = "has not answered for " + TimeUnit.NANOSECONDS.toSeconds(now - this.askedNanos) + " s";
			}
			boolean before = this.trouble != null;
			this.trouble = (found != null) ? "event loop " + number + " " + found : null;
			if (found != null && !before) {
				logger.error(
						"event loop {} - {}, so its connections are not served and liveness fails; take a thread dump"
								+ " (jcmd PID Thread.print) and restart the process",
						number, found);
			}
			else if (found == null && before) {
				logger.warn("event loop {} - answers again", number);
			}
		}

		private void ask(long now) {
			this.askedNanos = now;
			this.answered = false;
			try {
				this.loop.execute(() -> this.answered = true);
			}
			catch (RejectedExecutionException ex) {
				// it has ended meanwhile, which the next look finds
			}
		}

	}

}
