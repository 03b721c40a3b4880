package io.holdfast.route;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import io.holdfast.testing.UpstreamServer;
import io.holdfast.transport.EventLoops;
import io.holdfast.upstream.Borrower;
import io.holdfast.upstream.Link;
import io.holdfast.upstream.NoLinkException;
import io.netty.channel.EventLoop;
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
			SharedLinks links = new SharedLinks(rig.upstream(), () -> new InOrder(null), null,
					TimeUnit.SECONDS.toNanos(10), System::nanoTime, rig.relay());
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
