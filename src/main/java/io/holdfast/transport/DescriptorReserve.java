package io.holdfast.transport;

import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import com.sun.management.UnixOperatingSystemMXBean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps file descriptors for links and for the management port: sets
 * {@link Hold#DESCRIPTORS} when clients have taken all others, and releases it when some
 * have gone. Accepted connections and links are counted as they come and go; how many
 * descriptors the rest of the process has is asked for now and then, on a thread of its
 * own, because the answer takes a walk over all of them.
 */
public final class DescriptorReserve implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(DescriptorReserve.class);

	/**
	 * For management, name look-ups, files, and event loops that have not started yet.
	 */
	private static final int SPARE = 64;

	private static final long LEAST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

	/** Asking takes at most one part of so many of the thread's time. */
	private static final int SHARE = 200;

	private final Ports ports;

	private final OwnLinks links;

	private final int maxLinks;

	private final Descriptors descriptors;

	private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor((task) -> {
		Thread thread = new Thread(task, "holdfast-descriptors");
		thread.setDaemon(true);
		return thread;
	});

	private volatile Limit limit = new Limit(Integer.MAX_VALUE, 0, Integer.MAX_VALUE, 0);

	private boolean warned;

	/**
	 * A reserve that begins to work at once. Does nothing where Java knows of no limit.
	 * @param loops the loops whose ports it holds
	 * @param maxLinks links that may be open at the same time, to all upstreams
	 */
	public static DescriptorReserve of(EventLoops loops, int maxLinks) {
		OperatingSystemMXBean system = ManagementFactory.getOperatingSystemMXBean();
		if (!(system instanceof UnixOperatingSystemMXBean unix)) {
			return new DescriptorReserve(loops.ports(), loops.links(), maxLinks, Descriptors.UNLIMITED);
		}
		DescriptorReserve reserve = new DescriptorReserve(loops.ports(), loops.links(), maxLinks,
				new ProcessDescriptors(unix));
		reserve.thread.execute(reserve::repeat);
		return reserve;
	}

	DescriptorReserve(Ports ports, OwnLinks links, int maxLinks, Descriptors descriptors) {
		this.ports = ports;
		this.links = links;
		this.maxLinks = maxLinks;
		this.descriptors = descriptors;
		ports.observe(this::counted);
	}

	private void repeat() {
		long begin = System.nanoTime();
		try {
			look();
		}
		catch (RuntimeException | InternalError ex) {
			// the JVM lists a directory, for which it needs a descriptor itself
			logger.debug("descriptors - cannot be counted", ex);
		}
		finally {
			long pause = Math.max(LEAST_PAUSE_NANOS, (System.nanoTime() - begin) * SHARE);
			this.thread.schedule(this::repeat, pause, TimeUnit.NANOSECONDS);
		}
	}

	/** Counts the descriptors and sets the number of connections that they allow. */
	void look() {
		int max = (int) Math.min(Integer.MAX_VALUE, this.descriptors.max());
		int accepted = this.ports.accepted();
		int open = this.links.open();
		int others = (int) Math.max(0, this.descriptors.open() - accepted - open);
		int free = Math.max(0, max - others);
		int kept = Math.max(this.maxLinks, open) + SPARE;
		if (kept > free / 2) {
			// so that a small limit, or a large links.max, does not lock all clients out
			warnOnce(max, others, kept);
			kept = free / 2;
		}
		this.limit = new Limit(free - kept, others, max, kept);
		counted(this.ports.accepted());
	}

	private void warnOnce(int max, int others, int kept) {
		if (!this.warned) {
			this.warned = true;
			logger.warn("descriptors - the limit is {} and the process itself has {}; links and management may need {}"
					+ " and get half of the rest, as do clients; raise the limit of open files (ulimit -n,"
					+ " LimitNOFILE), or lower links.max", max, others, kept);
		}
	}

	/** Holds or releases; on event loops too. */
	private void counted(int accepted) {
		Limit current = this.limit;
		boolean held = this.ports.isHeld(Hold.DESCRIPTORS);
		if (!held && accepted >= current.connections()) {
			this.ports.hold(Hold.DESCRIPTORS, current.text(accepted, this.links.open())
					+ "; raise the limit of open files (ulimit -n, LimitNOFILE), or have clients elsewhere");
		}
		else if (held && accepted < current.acceptsAgainBelow()) {
			this.ports.release(Hold.DESCRIPTORS, current.text(accepted, this.links.open()));
		}
	}

	@Override
	public void close() {
		this.thread.shutdownNow();
	}

	/**
	 * The process's descriptors.
	 */
	interface Descriptors {

		Descriptors UNLIMITED = new Descriptors() {

			@Override
			public long max() {
				return Integer.MAX_VALUE;
			}

			@Override
			public long open() {
				return 0;
			}

		};

		/** How many it may have. */
		long max();

		/** How many it has. */
		long open();

	}

	private record ProcessDescriptors(UnixOperatingSystemMXBean system) implements Descriptors {

		@Override
		public long max() {
			return this.system.getMaxFileDescriptorCount();
		}

		@Override
		public long open() {
			return this.system.getOpenFileDescriptorCount();
		}

	}

	/**
	 * The result of a count of descriptors.
	 *
	 * @param connections accepted ones that may be open
	 * @param others descriptors that are neither connections nor links
	 * @param max how many there may be
	 * @param kept how many are kept for links and management
	 */
	private record Limit(int connections, int others, int max, int kept) {

		private static final int SLACK = 50;

		/** Lower by 2 %, so that not each close is followed by a hold. */
		private int acceptsAgainBelow() {
			return this.connections - this.connections / SLACK;
		}

		private String text(int accepted, int links) {
			return "%d of %d file descriptors are in use, %d are kept for links and management"
				.formatted(accepted + links + this.others, this.max, this.kept);
		}

	}

}
