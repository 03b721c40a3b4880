package io.holdfast.transport;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

/**
 * Writes log lines of one kind at most once a second, for lines that a peer can cause as
 * often as it likes. The first line is written at once. Those that follow within a second
 * are counted; when the second is over, the latest of them is written with the number of
 * the others, so that the lines and the numbers in them add up to all that happened.
 * <p>
 * Any thread. Holds at most one line that is not written yet.
 */
public final class PacedLog {

	private static final Executor SECOND_LATER = CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS);

	private final Executor secondLater;

	/** Whether a line was written within the last second. Guarded by this. */
	private boolean quiet;

	/** Guarded by this. */
	private int leftOut;

	/** The last of those that were left out. Guarded by this. */
	private @Nullable Consumer<String> latest;

	public PacedLog() {
		this(SECOND_LATER);
	}

	/**
	 * Creates a log on a time of choice.
	 * @param secondLater runs each task a second after it was given
	 */
	public PacedLog(Executor secondLater) {
		this.secondLater = secondLater;
	}

	/**
	 * Writes a line, now or when the second is over, or counts it only.
	 * @param line logs the line, possibly later and on another thread, so it should hold
	 * texts and numbers and no connection. Is given what to append: nothing, or how many
	 * others there were
	 */
	public void write(Consumer<String> line) {
		synchronized (this) {
			if (this.quiet) {
				this.leftOut++;
				this.latest = line;
				return;
			}
			this.quiet = true;
		}
		writeNow(line, "");
	}

	private void writeNow(Consumer<String> line, String more) {
		try {
			line.accept(more);
		}
		finally {
			this.secondLater.execute(this::writeLatest);
		}
	}

	private void writeLatest() {
		Consumer<String> line;
		int others;
		synchronized (this) {
			line = this.latest;
			others = this.leftOut - 1;
			this.latest = null;
			this.leftOut = 0;
			this.quiet = line != null;
		}
		if (line != null) {
			writeNow(line, (others > 0) ? "; " + others + " more of this kind within a second" : "");
		}
	}

}
