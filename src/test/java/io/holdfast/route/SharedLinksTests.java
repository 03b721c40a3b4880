package io.holdfast.route;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import io.holdfast.testing.Scripts;
import io.holdfast.testing.UpstreamServer;
import io.holdfast.transport.EventLoops;
import io.holdfast.upstream.Borrower;
import io.holdfast.upstream.Link;
import io.holdfast.upstream.NoLinkException;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.EventExecutor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Links that go from the pool to many clients.
 */
class SharedLinksTests {

	/**
	 * A loop may send and read many times before it comes to a task, so that replies
	 * could come before anybody waits for them.
	 */
	@Test
	@Timeout(20)
	void linkThatAnotherLoopHasTakenIsSharedOnceItIsInUse() throws Exception {
		try (UpstreamServer server = UpstreamServer.start((frame, peer) -> peer.reply(frame));
				RelayRig rig = RelayRig.start(Sharing.PIPELINED, List.of(server.port()))) {
			rig.awaitThatPoolIsWarm();
			SharedLinks links = links(rig);
			Link link = idle(rig);
			EventLoop loop = link.eventLoop();
			SharedLink early = loop.submit(() -> {
				CompletableFuture.runAsync(() -> links.adopt(link)).join();
				return links.choose(loop);
			}).get();
			assertThat(early).isNull();
			SharedLink shared = Objects.requireNonNull(loop.submit(() -> links.choose(loop)).get());
			assertThat(shared.link()).isSameAs(link);
		}
	}

	/**
	 * Many links on several loops, each of which changes what is in flight while the
	 * others compare it.
	 */
	@Test
	@Timeout(60)
	void linkWithTheLeastInFlightIsChosenWhileOtherLoopsChangeThat() throws Exception {
		try (UpstreamServer one = UpstreamServer.start(Scripts.silent());
				UpstreamServer other = UpstreamServer.start(Scripts.silent());
				RelayRig rig = RelayRig.start(Sharing.PIPELINED, List.of(one.port(), other.port()),
						"balance=least-pending", "links.min-idle=64", "links.max=64", "gateway.event-loops=4")) {
			rig.awaitThatPoolIsWarm();
			SharedLinks links = links(rig);
			List<SharedLink> adopted = new ArrayList<>();
			for (int i = 0; i < 64; i++) {
				// with a place that is never left, so that it stays
				adopted.add(links.adopt(idle(rig)));
			}
			List<Future<Integer>> choosing = new ArrayList<>();
			for (EventExecutor loop : rig.gateway().bean("eventLoops", EventLoops.class).preferred().parent()) {
				choosing.add(loop.submit(() -> chooseAndLeave(links, (EventLoop) loop)));
			}
			int chosen = 0;
			for (Future<Integer> loop : choosing) {
				chosen += loop.get();
			}
			assertThat(chosen).isPositive();
			assertThat(adopted).extracting(SharedLink::pending).containsOnly(1);
		}
	}

	private static int chooseAndLeave(SharedLinks links, EventLoop loop) {
		Deque<SharedLink> held = new ArrayDeque<>();
		int chosen = 0;
		for (int i = 0; i < 100_000; i++) {
			SharedLink next = links.choose(loop);
			if (next != null) {
				chosen++;
				held.add(next);
			}
			while (held.size() > i % 500) {
				held.remove().leave();
			}
		}
		held.forEach(SharedLink::leave);
		return chosen;
	}

	private static SharedLinks links(RelayRig rig) {
		return new SharedLinks(rig.upstream(), () -> new InOrder(null), null, TimeUnit.SECONDS.toNanos(10),
				new RelayContext("relay", rig.gateway().registry(), OnFailure.of("close"), null, System::nanoTime),
				rig.relay());
	}

	private static Link idle(RelayRig rig) {
		EventLoop anyLoop = rig.gateway().bean("eventLoops", EventLoops.class).preferred();
		Link idle = rig.upstream().acquire(new Borrower() {

			@Override
			public EventLoop eventLoop() {
				return anyLoop;
			}

			@Override
			public boolean keepsLink() {
				return false;
			}

			@Override
			public void granted(Link link) {
				throw new AssertionError("no wait was expected");
			}

			@Override
			public void refused(NoLinkException reason) {
				throw new AssertionError(reason);
			}

		});
		return Objects.requireNonNull(idle, "no idle link");
	}

}
