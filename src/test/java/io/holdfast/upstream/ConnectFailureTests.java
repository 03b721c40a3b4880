package io.holdfast.upstream;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

import io.holdfast.testing.Scripts;
import io.holdfast.testing.UpstreamServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static io.holdfast.upstream.TestUpstream.eventually;
import static io.holdfast.upstream.TestUpstream.release;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Servers that cannot be connected to, or not for long.
 */
class ConnectFailureTests {

	@RegisterExtension
	private final TestUpstream upstreams = new TestUpstream();

	@Test
	void oneAttemptRunsAtATimeWhileTheServerRefuses() throws Exception {
		Upstream upstream = this.upstreams
			.start(to(TestUpstream.closedPort()).minIdle(3).reconnectAfter(Duration.ofMillis(1)));
		Stream.generate(this.upstreams::borrower).limit(10).forEach((borrower) -> borrower.waitFor(upstream));
		upstream.warmUp();
		Awaitility.await().pollInterval(Duration.ofMillis(1)).until(() -> {
			UpstreamInfo info = upstream.info();
			if (info.connectsFailed() >= 3) {
				assertThat(info.links().connecting()).isLessThanOrEqualTo(1);
				assertThat(info.down()).isTrue();
			}
			return info.connectsFailed() > 30;
		});
	}

	@Test
	void waitingBorrowersAreServedOnceTheServerListens() throws Exception {
		int port = TestUpstream.closedPort();
		Upstream upstream = this.upstreams.start(to(port));
		List<TestBorrower> waiting = Stream.generate(this.upstreams::borrower).limit(3).toList();
		waiting.forEach((borrower) -> borrower.waitFor(upstream));
		eventually(() -> assertThat(upstream.info().down()).isTrue());
		assertThat(upstream.info().endpoints()).singleElement().returns(EndpointInfo.State.DOWN, EndpointInfo::state);
		this.upstreams.server(port, Scripts.echo());
		assertThat(waiting).extracting(TestBorrower::link).doesNotHaveDuplicates().allMatch(Link::isOpen);
		assertThat(upstream.info().down()).isFalse();
		assertThat(upstream.info().endpoints()).singleElement().returns(EndpointInfo.State.UP, EndpointInfo::state);
	}

	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void logTellsOnceWhyTheServerCannotBeConnectedTo(CapturedOutput output) throws Exception {
		int port = TestUpstream.closedPort();
		Upstream upstream = this.upstreams.start(to(port).reconnectAfter(Duration.ofMillis(1)));
		this.upstreams.borrower().waitFor(upstream);
		eventually(() -> assertThat(upstream.info().connectsFailed()).isGreaterThan(3));
		assertThat(output.getOut()).containsOnlyOnce("upstream 'billing' - down")
			.contains("upstream 'billing' - down, no link is left: 127.0.0.1:%d: connection refused;".formatted(port));
	}

	@Test
	void whoWaitsForAServerThatIsNotThereIsRefusedInTheEnd() throws Exception {
		Upstream upstream = this.upstreams.start(to(TestUpstream.closedPort()).acquireTimeout(Duration.ofMillis(50)));
		NoLinkException refusal = this.upstreams.borrower().waitFor(upstream).refusal();
		assertThat(refusal.reason()).isEqualTo(NoLinkException.Reason.TIMED_OUT);
		assertThat(refusal).hasMessage("upstream 'billing' - no link within 50 ms (open=0 of 8, idle=0, waiting=1)");
	}

	@Test
	void upstreamGoesDownWithItsServerAndComesUpAgain() {
		UpstreamServer server = this.upstreams.server(Scripts.echo());
		Upstream upstream = this.upstreams.warm(TestSettings.to(server).minIdle(2));
		eventually(() -> assertThat(server.accepted()).isEqualTo(2));
		server.close();
		eventually(() -> assertThat(upstream.info().down()).isTrue());
		this.upstreams.server(server.port(), Scripts.echo());
		eventually(() -> {
			assertThat(upstream.info().down()).isFalse();
			assertThat(upstream.info().links().idle()).isEqualTo(2);
		});
	}

	@Test
	void linksThatAreClosedAsSoonAsTheyAreOpenedCountAsOneFailedAttempt() {
		UpstreamServer server = this.upstreams.server(Scripts.echo());
		Upstream upstream = this.upstreams.warm(TestSettings.to(server).minIdle(3).reconnectAfter(Duration.ofHours(1)));
		eventually(() -> assertThat(server.accepted()).isEqualTo(3));
		server.closeConnections();
		eventually(() -> assertThat(upstream.info().links().open()).isZero());
		assertThat(upstream.info().endpoints()).singleElement().satisfies((endpoint) -> {
			assertThat(endpoint.connectFailures()).isEqualTo(1);
			assertThat(endpoint.nextAttempt()).isPositive();
			assertThat(endpoint.connecting()).isZero();
		});
	}

	@Test
	void linksThatAreResetAtOnceLeaveRoomForOthers() throws Exception {
		int port;
		Upstream upstream;
		try (ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
			port = listener.getLocalPort();
			Thread resetting = new Thread(() -> reset(listener));
			resetting.start();
			upstream = this.upstreams.start(to(port).max(1).reconnectAfter(Duration.ofMillis(1)));
			for (int i = 0; i < 100; i++) {
				Link link = this.upstreams.borrow(upstream);
				eventually(() -> assertThat(link.isOpen()).isFalse());
			}
		}
		this.upstreams.server(port, Scripts.echo());
		eventually(() -> {
			Link link = this.upstreams.borrow(upstream);
			release(link);
			assertThat(link.isOpen()).isTrue();
		});
		assertThat(upstream.info().links()).isEqualTo(new UpstreamInfo.Links(1, 0, 1, 0, 1, 0));
	}

	@Test
	void attemptThatEndsAfterTheStopTakesNoRoomAfterTheNextStart() throws Exception {
		UpstreamServer server = this.upstreams.server(Scripts.echo());
		Upstream upstream = this.upstreams.start(TestSettings.to(server).max(1));
		AutoCloseable held = this.upstreams.hold(this.upstreams.loop());
		TestBorrower refused = this.upstreams.borrower().waitFor(upstream);
		upstream.stop();
		held.close();
		assertThat(refused.refusal().reason()).isEqualTo(NoLinkException.Reason.STOPPED);
		eventually(() -> assertThat(upstream.info().links().connecting()).isZero());
		eventually(() -> assertThat(upstream.info().links().open()).isZero());
		upstream.start();
		assertThat(this.upstreams.borrow(upstream).isOpen()).isTrue();
	}

	@Test
	void nameIsLookedUpAndItsAddressesAreConnectedTo() {
		UpstreamServer server = this.upstreams.server(Scripts.echo());
		Upstream upstream = this.upstreams.start(TestSettings.to().endpoint("localhost:" + server.port()));
		Link link = this.upstreams.borrow(upstream);
		assertThat(link).hasToString("localhost:%d (127.0.0.1:%d)".formatted(server.port(), server.port()));
		TestUser user = TestUser.of(link);
		user.send(new byte[] { 5 });
		assertThat(user.frame()).containsExactly(5);
	}

	private static TestSettings to(int port) {
		return TestSettings.to().endpoint("127.0.0.1:" + port);
	}

	private static void reset(ServerSocket listener) {
		try {
			while (true) {
				Socket socket = listener.accept();
				socket.setSoLinger(true, 0);
				socket.close();
			}
		}
		catch (IOException ex) {
			// closed
		}
	}

}
