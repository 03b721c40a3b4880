package io.holdfast.upstream;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import io.holdfast.testing.NumberedFrame;
import io.holdfast.testing.Scripts;
import io.holdfast.testing.UpstreamServer;
import io.holdfast.transport.EventLoops;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import org.springframework.integration.ip.IpHeaders;
import org.springframework.integration.ip.tcp.connection.TcpConnectionSupport;
import org.springframework.integration.ip.tcp.outbound.TcpSendingMessageHandler;
import org.springframework.integration.util.PoolItemNotAvailableException;
import org.springframework.messaging.support.GenericMessage;

import static io.holdfast.upstream.TestUpstream.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * An upstream's connections in the hands of Spring Integration's adapters, or of an
 * application.
 */
class UpstreamConnectionFactoryTests {

	@RegisterExtension
	private final TestUpstream upstreams = new TestUpstream();

	private final UpstreamServer server = this.upstreams.server(Scripts.echo());

	@Test
	void senderWithoutAReceiverGivesEachLinkBack() {
		this.server.script(Scripts.silent());
		Upstream upstream = this.upstreams.start(TestSettings.to(this.server).max(2));
		TcpSendingMessageHandler sender = new TestFlows(this.upstreams, upstream).sender();
		for (int i = 0; i < 20; i++) {
			sender.handleMessage(new GenericMessage<>(NumberedFrame.content(i, 0, i, 20)));
		}
		eventually(() -> assertThat(this.server.count()).isEqualTo(20));
		eventually(() -> assertThat(upstream.info().links().lent()).isZero());
		assertThat(this.server.accepted()).isLessThanOrEqualTo(2);
		assertThat(upstream.info().evicted()).isEmpty();
	}

	@Test
	void repliesReachTheReceiverOnWorkersAndGiveTheLinksBack() throws Exception {
		Upstream upstream = this.upstreams.start(TestSettings.to(this.server).max(2));
		TestFlows flows = new TestFlows(this.upstreams, upstream);
		BlockingQueue<Received> replies = new LinkedBlockingQueue<>();
		flows.receiver((message,
				timeout) -> replies.add(new Received(NumberedFrame.number((byte[]) message.getPayload()),
						EventLoops.isCurrentThread(), Thread.currentThread().getName().startsWith("holdfast-worker-"),
						String.valueOf(message.getHeaders().get(IpHeaders.CONNECTION_ID)))));
		TcpSendingMessageHandler sender = flows.sender();
		CompletableFuture<Void> sending = flows.async(() -> {
			for (int i = 0; i < 20; i++) {
				sender.handleMessage(new GenericMessage<>(NumberedFrame.content(i, 0, i, 20)));
			}
		});
		for (int i = 0; i < 20; i++) {
			assertThat(replies.poll(10, TimeUnit.SECONDS)).isNotNull().satisfies((reply) -> {
				assertThat(reply.onLoop()).isFalse();
				assertThat(reply.onWorker()).isTrue();
				assertThat(reply.connection()).startsWith("Lent:");
			});
		}
		assertThat(sending).succeedsWithin(Duration.ofSeconds(10));
		eventually(() -> assertThat(upstream.info().links().lent()).isZero());
		assertThat(this.server.accepted()).isLessThanOrEqualTo(2);
		assertThat(flows.connections().getOpenConnectionIds()).isEmpty();
	}

	@Test
	void lentConnectionsAreKnownByTheirIdAndCanBeClosedByIt() throws Exception {
		Upstream upstream = this.upstreams.start(TestSettings.to(this.server).max(1));
		UpstreamConnectionFactory connections = new TestFlows(this.upstreams, upstream).connections();
		String id = connections.getConnection().getConnectionId();
		assertThat(connections.getOpenConnectionIds()).containsExactly(id);
		assertThat(connections.closeConnection(id)).isTrue();
		assertThat(connections.closeConnection(id)).isFalse();
		eventually(() -> assertThat(upstream.info().links()).isEqualTo(new UpstreamInfo.Links(1, 0, 1, 0, 1, 0)));
	}

	@Test
	void connectionThatIsLostIsNotKnownAnyMore() throws Exception {
		Upstream upstream = this.upstreams.start(TestSettings.to(this.server).max(1));
		UpstreamConnectionFactory connections = new TestFlows(this.upstreams, upstream).connections();
		TcpConnectionSupport connection = connections.getConnection();
		eventually(() -> assertThat(this.server.accepted()).isEqualTo(1));
		this.server.closeConnections();
		eventually(() -> assertThat(connection.isOpen()).isFalse());
		eventually(() -> assertThat(upstream.info().links().open()).isZero());
		assertThat(connections.getOpenConnectionIds()).isEmpty();
	}

	@Test
	void connectionThatIsClosedSendsAllItHasTakenWhoeverHadTheLinkBefore() throws Exception {
		CountDownLatch read = new CountDownLatch(1);
		this.server.script((frame, peer) -> TestUpstream.await(read));
		Upstream upstream = this.upstreams.start(TestSettings.to(this.server).max(1));
		Link link = this.upstreams.borrow(upstream);
		TestUser.of(link, /* retries= */ true);
		TestUpstream.release(link);
		TestFlows flows = new TestFlows(this.upstreams, upstream);
		flows.receiver((message, timeout) -> true);
		TcpConnectionSupport lent = flows.connections().getConnection();
		int sent = 0;
		while (link.isWritable()) {
			lent.send(new GenericMessage<>(NumberedFrame.content(sent, 0, sent, 16 * 1024)));
			sent++;
			awaitFlush(link);
		}
		lent.close();
		eventually(() -> assertThat(link.isOpen()).isFalse());
		read.countDown();
		int expected = sent;
		eventually(() -> assertThat(this.server.count()).isEqualTo(expected));
	}

	/** What a task of the loop has written leaves with the next one. */
	private static void awaitFlush(Link link) {
		TestUpstream.on(link.eventLoop(), () -> {
		});
		TestUpstream.on(link.eventLoop(), () -> {
		});
	}

	@Test
	void connectionIsRefusedOnAnEventLoop() {
		Upstream upstream = this.upstreams.start(TestSettings.to(this.server).max(1));
		UpstreamConnectionFactory connections = new TestFlows(this.upstreams, upstream).connections();
		TestUpstream.on(this.upstreams.loop(),
				() -> assertThatIllegalStateException().isThrownBy(connections::getConnection)
					.withMessage("a link of upstream 'billing' was asked for on an event loop, which must not block;"
							+ " use a channel with an executor"));
		assertThat(upstream.info().connected()).isZero();
	}

	@Test
	void callerIsRefusedWhenEverythingIsLent() {
		Upstream upstream = this.upstreams
			.start(TestSettings.to(this.server).max(1).acquireTimeout(Duration.ofMillis(50)));
		this.upstreams.borrow(upstream);
		UpstreamConnectionFactory connections = new TestFlows(this.upstreams, upstream).connections();
		assertThatExceptionOfType(PoolItemNotAvailableException.class).isThrownBy(connections::getConnection)
			.withMessage("upstream 'billing' - no link within 50 ms (open=1 of 1, idle=0, waiting=1)")
			.withCauseInstanceOf(NoLinkException.class);
	}

	@Test
	void callerThatIsInterruptedWaitsNoLonger() {
		Upstream upstream = this.upstreams.start(TestSettings.to(this.server).max(1));
		Link only = this.upstreams.borrow(upstream);
		UpstreamConnectionFactory connections = new TestFlows(this.upstreams, upstream).connections();
		Thread caller = interruptible(connections);
		eventually(() -> assertThat(upstream.info().waiting()).isEqualTo(1));
		caller.interrupt();
		eventually(() -> assertThat(upstream.info().waiting()).isZero());
		TestUpstream.release(only);
		assertThat(this.upstreams.borrow(upstream)).isSameAs(only);
	}

	@Test
	void linkOfACallerThatIsInterruptedServesTheNextBorrower() throws Exception {
		Upstream upstream = this.upstreams.warm(TestSettings.to(this.server).minIdle(1).max(1));
		UpstreamConnectionFactory connections = new TestFlows(this.upstreams, upstream).connections();
		AutoCloseable held = this.upstreams.hold(this.upstreams.loop());
		Thread caller = interruptible(connections);
		eventually(() -> assertThat(upstream.info().links().lent()).isEqualTo(1));
		caller.interrupt();
		caller.join();
		held.close();
		eventually(() -> assertThat(upstream.info().links().idle()).isEqualTo(1));
		TestUser user = TestUser.of(this.upstreams.borrow(upstream));
		user.send(new byte[] { 4 });
		assertThat(user.frame()).containsExactly(4);
	}

	@Test
	void frameThatWasNotTakenIsNotTheNextBorrowers() throws Exception {
		this.server.script(Scripts.twice());
		Upstream upstream = this.upstreams.start(TestSettings.to(this.server).max(1));
		UpstreamConnectionFactory connections = new TestFlows(this.upstreams, upstream).connections();
		CountDownLatch received = new CountDownLatch(1);
		CountDownLatch goOn = new CountDownLatch(1);
		this.upstreams.closing(goOn::countDown);
		connections.registerListener((message) -> {
			received.countDown();
			TestUpstream.await(goOn);
		});
		TcpConnectionSupport connection = connections.getConnection();
		connection.send(new GenericMessage<>(new byte[] { 1 }));
		TestUpstream.await(received);
		this.server.script(Scripts.echo());
		connection.close();
		TestUser user = TestUser.of(this.upstreams.borrow(upstream));
		goOn.countDown();
		user.send(new byte[] { 2 });
		assertThat(user.frame()).containsExactly(2);
		assertThat(upstream.info().evicted()).isEqualTo(Map.of(Eviction.UNREAD, 1L));
	}

	@Test
	void linkServesFlowsAndRelaysInTurn() throws Exception {
		Upstream upstream = this.upstreams.start(TestSettings.to(this.server).max(1));
		UpstreamConnectionFactory connections = new TestFlows(this.upstreams, upstream).connections();
		BlockingQueue<byte[]> replies = new LinkedBlockingQueue<>();
		connections.registerListener((message) -> replies.add((byte[]) message.getPayload()));
		for (byte i = 0; i < 20; i++) {
			TcpConnectionSupport connection = connections.getConnection();
			connection.send(new GenericMessage<>(new byte[] { i }));
			assertThat(replies.poll(10, TimeUnit.SECONDS)).containsExactly(i);
			connection.close();
			Link link = this.upstreams.borrow(upstream);
			TestUser user = TestUser.of(link);
			user.send(new byte[] { i, i });
			assertThat(user.frame()).containsExactly(i, i);
			link.release();
		}
		assertThat(this.server.accepted()).isEqualTo(1);
	}

	@Test
	void connectionsOfSeveralCallersLeadToDifferentLinks() throws Exception {
		Upstream upstream = this.upstreams.start(TestSettings.to(this.server).max(3));
		TestFlows flows = new TestFlows(this.upstreams, upstream);
		List<CompletableFuture<Void>> callers = IntStream.range(0, 3).mapToObj((i) -> flows.async(() -> {
			try {
				flows.connections().getConnection();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		})).toList();
		for (CompletableFuture<Void> caller : callers) {
			caller.get(10, TimeUnit.SECONDS);
		}
		assertThat(upstream.info().links()).isEqualTo(new UpstreamInfo.Links(3, 3, 0, 0, 3, 0));
		assertThat(flows.connections().getOpenConnectionIds()).hasSize(3).doesNotHaveDuplicates();
	}

	private Thread interruptible(UpstreamConnectionFactory connections) {
		Thread caller = new Thread(() -> {
			try {
				connections.getConnection();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		});
		caller.setDaemon(true);
		caller.start();
		return caller;
	}

	private record Received(int number, boolean onLoop, boolean onWorker, String connection) {

	}

}
