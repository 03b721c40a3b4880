package io.holdfast.testing;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import io.holdfast.testing.UpstreamServer.Peer;
import io.holdfast.testing.UpstreamServer.Script;

/**
 * Ready-made behaviours of an {@link UpstreamServer}. Each may serve any number of
 * connections.
 */
public final class Scripts {

	private static final Duration PATIENCE = Duration.ofMillis(50);

	// one thread: replies that are due at the same time leave in the order of their
	// requests
	private static final ScheduledExecutorService SCHEDULER = Executors.newSingleThreadScheduledExecutor((task) -> {
		Thread thread = new Thread(task, "late replies");
		thread.setDaemon(true);
		return thread;
	});

	private Scripts() {
	}

	/**
	 * Replies with the request.
	 */
	public static Script echo() {
		return (content, peer) -> peer.reply(content);
	}

	/**
	 * Reads and never replies.
	 */
	public static Script silent() {
		return (content, peer) -> {
		};
	}

	/**
	 * Accepts connections and never reads them.
	 */
	public static Script notReading() {
		return new Script() {

			@Override
			public void on(byte[] content, Peer peer) {
			}

			@Override
			public boolean reads() {
				return false;
			}

		};
	}

	/**
	 * Echoes, then ends the connection.
	 */
	public static Script closesAfterReply() {
		return (content, peer) -> {
			peer.reply(content);
			peer.close();
		};
	}

	/**
	 * Sends the length and half of the content, then resets the connection.
	 */
	public static Script resetsInMidReply() {
		return (content, peer) -> {
			peer.raw(Arrays.copyOf(NumberedFrame.framed(content), 4 + content.length / 2));
			peer.reset();
		};
	}

	/**
	 * Echoes in order, each after a delay; reads on meanwhile.
	 */
	public static Script late(Duration delay) {
		return (content, peer) -> SCHEDULER.schedule(() -> replyUnlessGone(peer, List.of(content)), delay.toNanos(),
				TimeUnit.NANOSECONDS);
	}

	/**
	 * Echoes everything twice, both in one write.
	 */
	public static Script twice() {
		return (content, peer) -> peer.replyTwice(content);
	}

	/**
	 * Collects requests of a connection and echoes them last first; fewer after 50 ms.
	 * @param n how many requests to collect
	 */
	public static Script outOfOrder(int n) {
		Map<Peer, Batch> batches = new ConcurrentHashMap<>();
		return (content, peer) -> {
			Batch batch = batches.get(peer);
			if (batch == null || !batch.add(content)) {
				batches.put(peer, new Batch(peer, n, content));
			}
		};
	}

	private static void replyUnlessGone(Peer peer, List<byte[]> contents) {
		try {
			for (byte[] content : contents) {
				peer.reply(content);
			}
		}
		catch (IOException ex) {
			// the thread that reads the connection sees its end too
		}
	}

	/**
	 * Requests that are answered together, once.
	 */
	private static final class Batch {

		private final Peer peer;

		private final int wanted;

		// guarded by this, as all below
		private final List<byte[]> contents = new ArrayList<>();

		private boolean answered;

		Batch(Peer peer, int wanted, byte[] first) {
			this.peer = peer;
			this.wanted = wanted;
			add(first);
			SCHEDULER.schedule(this::answer, PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
		}

		/**
		 * Adds a request.
		 * @return {@code false} if it came too late
		 */
		synchronized boolean add(byte[] content) {
			if (this.answered) {
				return false;
			}
			this.contents.add(content);
			if (this.contents.size() >= this.wanted) {
				answer();
			}
			return true;
		}

		synchronized void answer() {
			if (!this.answered) {
				this.answered = true;
				Collections.reverse(this.contents);
				replyUnlessGone(this.peer, this.contents);
			}
		}

	}

}
