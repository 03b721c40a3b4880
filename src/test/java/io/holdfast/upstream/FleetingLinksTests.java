package io.holdfast.upstream;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

import io.holdfast.testing.Scripts;
import io.holdfast.testing.UpstreamServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static io.holdfast.upstream.TestUpstream.eventually;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Servers that take connections and end them soon, and which of that counts as a failure
 * to connect.
 */
class FleetingLinksTests {

	@RegisterExtension
	private final TestUpstream upstreams = new TestUpstream();

	@ParameterizedTest
	@EnumSource
	void serverThatIsOfNoUseWithoutAnyClientIsConnectedToOnceAndThenWaitedFor(Greeting greeting) throws Exception {
		try (GreetingServer server = new GreetingServer(greeting)) {
			Upstream upstream = this.upstreams.start(server.settings().minIdle(2).reconnectAfter(Duration.ofHours(1)));
			upstream.receive((link, frame, first) -> link.discard(Eviction.UNREAD));
			upstream.warmUp();
			eventually(() -> {
				assertThat(server.accepted).hasValueBetween(1, 3);
				assertThat(upstream.info().links().open() + upstream.info().links().connecting()).isZero();
				assertThat(upstream.info().endpoints()).singleElement()
					.satisfies((endpoint) -> assertThat(endpoint.connectFailures()).isPositive());
				assertThat(upstream.info().down()).isTrue();
			});
		}
	}

	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void serverThatClosesWhatItTakesIsDownAndThatIsToldOnce(CapturedOutput output) throws Exception {
		try (GreetingServer server = new GreetingServer(Greeting.NOTHING)) {
			Upstream upstream = this.upstreams
				.start(server.settings().minIdle(1).reconnectAfter(Duration.ofMillis(20)));
			upstream.warmUp();
			eventually(() -> assertThat(upstream.info().down()).isTrue());
			int before = server.accepted.get();
			eventually(() -> {
				assertThat(upstream.info().down()).isTrue();
				assertThat(server.accepted.get()).isGreaterThan(before + 10);
			});
			assertThat(output.getOut()).containsOnlyOnce("upstream 'billing' - down")
				.contains("closed as soon as it was opened; tried again from every 20 ms")
				.doesNotContain("up again");
		}
	}

	@Test
	void upstreamIsUpAgainOnceALinkHasAnswered() throws Exception {
		int port;
		Upstream upstream;
		try (GreetingServer server = new GreetingServer(Greeting.NOTHING)) {
			port = server.port();
			upstream = this.upstreams.start(server.settings().minIdle(1).reconnectAfter(Duration.ofSeconds(1)));
			upstream.warmUp();
			eventually(() -> assertThat(upstream.info().down()).isTrue());
		}
		this.upstreams.server(port, Scripts.echo());
		Link link = this.upstreams.borrow(upstream);
		link.answered();
		assertThat(upstream.info().down()).isFalse();
		assertThat(upstream.info().endpoints()).singleElement().returns(0, EndpointInfo::connectFailures);
	}

	@Test
	void serverThatEndsALinkInAnswerToOurEndHasNotFailed() {
		UpstreamServer server = this.upstreams.server(Scripts.silent());
		Upstream upstream = this.upstreams.start(TestSettings.to(server).reconnectAfter(Duration.ofHours(1)));
		for (int i = 0; i < 5; i++) {
			Link link = this.upstreams.borrow(upstream, new TestBorrower(this.upstreams.loop()).keepingIt());
			TestUser user = TestUser.of(link);
			user.send(new byte[] { 1 });
			TestUpstream.on(link.eventLoop(), link::endOutput);
			eventually(() -> assertThat(user.isLost()).isTrue());
		}
		assertThat(upstream.info().endpoints()).singleElement().returns(0, EndpointInfo::connectFailures);
		assertThat(server.accepted()).isEqualTo(5);
	}

	@Test
	void serverThatEndsALinkAfterItsAnswerHasNotFailed() {
		UpstreamServer server = this.upstreams.server(Scripts.closesAfterReply());
		Upstream upstream = this.upstreams.start(TestSettings.to(server).reconnectAfter(Duration.ofHours(1)));
		Link link = this.upstreams.borrow(upstream, new TestBorrower(this.upstreams.loop()).keepingIt());
		TestUser user = TestUser.of(link);
		user.send(new byte[] { 1 });
		eventually(() -> assertThat(user.isLost()).isTrue());
		assertThat(upstream.info().endpoints()).singleElement().returns(0, EndpointInfo::connectFailures);
	}

	@Test
	void serverThatEndsALinkForWhatWasSentHasFailedUnlessItKeepsOthers() {
		UpstreamServer server = this.upstreams.server((content, peer) -> peer.close());
		Upstream upstream = this.upstreams.start(TestSettings.to(server).reconnectAfter(Duration.ofMillis(500)));
		Link kept = this.upstreams.borrow(upstream);
		loseByAFrame(this.upstreams.borrow(upstream));
		assertThat(upstream.info().endpoints()).singleElement().returns(1, EndpointInfo::connectFailures);
		long opened = kept.tenure.openedNanos;
		Awaitility.await().until(() -> this.upstreams.loops().nanoTime() - opened > Duration.ofMillis(500).toNanos());
		loseByAFrame(this.upstreams.borrow(upstream));
		assertThat(upstream.info().endpoints()).singleElement()
			.satisfies((endpoint) -> assertThat(endpoint.connectFailures()).isLessThanOrEqualTo(1));
		assertThat(kept.isOpen()).isTrue();
	}

	private static void loseByAFrame(Link link) {
		TestUser user = TestUser.of(link);
		user.send(new byte[] { 1 });
		eventually(() -> assertThat(user.isLost()).isTrue());
	}

	private enum Greeting {

		/** Closes at once. */
		NOTHING,

		/** Says a frame and closes, as a full server does. */
		FRAME_AND_CLOSE,

		/** Says a part of a frame and closes. */
		BYTES_AND_CLOSE,

		/** Says a frame that the application has links closed for. */
		FRAME

	}

	private static final class GreetingServer implements AutoCloseable {

		private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());

		private final AtomicInteger accepted = new AtomicInteger();

		private final Thread thread;

		GreetingServer(Greeting greeting) throws IOException {
			this.thread = new Thread(() -> greet(greeting));
			this.thread.start();
		}

		int port() {
			return this.listener.getLocalPort();
		}

		TestSettings settings() {
			return TestSettings.to().endpoint("127.0.0.1:" + port());
		}

		private void greet(Greeting greeting) {
			try {
				while (true) {
					Socket socket = this.listener.accept();
					this.accepted.incrementAndGet();
					switch (greeting) {
						case NOTHING -> {
						}
						case FRAME_AND_CLOSE, FRAME -> socket.getOutputStream().write(new byte[] { 0, 0, 0, 1, 7 });
						case BYTES_AND_CLOSE -> socket.getOutputStream().write(new byte[] { 0, 0 });
					}
					if (greeting == Greeting.FRAME) {
						// until the other side ends it
						socket.getInputStream().read();
					}
					socket.close();
				}
			}
			catch (IOException ex) {
				// closed
			}
		}

		@Override
		public void close() throws IOException {
			this.listener.close();
			try {
				this.thread.join();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		}

	}

}
