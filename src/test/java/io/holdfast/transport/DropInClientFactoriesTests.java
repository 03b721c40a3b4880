package io.holdfast.transport;

import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.integration.ip.IpHeaders;
import org.springframework.integration.ip.tcp.connection.AbstractClientConnectionFactory;
import org.springframework.integration.ip.tcp.connection.CachingClientConnectionFactory;
import org.springframework.integration.ip.tcp.connection.FailoverClientConnectionFactory;
import org.springframework.integration.ip.tcp.connection.TcpConnectionFailedEvent;
import org.springframework.integration.ip.tcp.connection.TcpConnectionSupport;
import org.springframework.integration.ip.tcp.connection.ThreadAffinityClientConnectionFactory;
import org.springframework.integration.ip.tcp.outbound.TcpOutboundGateway;
import org.springframework.integration.ip.tcp.outbound.TcpSendingMessageHandler;
import org.springframework.integration.util.PoolItemNotAvailableException;
import org.springframework.messaging.Message;
import org.springframework.messaging.support.GenericMessage;

import static io.holdfast.transport.DropInRig.eventually;
import static io.holdfast.transport.DropInRig.finished;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

/**
 * The client factories that put themselves in front of another one, over either kind.
 */
@ParameterizedClass
@EnumSource(Kind.class)
class DropInClientFactoriesTests {

	@RegisterExtension
	private final DropInRig rig;

	private final RawPeer.Port port;

	DropInClientFactoriesTests(Kind kind) {
		this.rig = new DropInRig(kind);
		this.port = this.rig.port();
	}

	@Test
	void cachedConnectionIsUsedAgain() throws Exception {
		var cache = caching(this.rig.client(this.port.number()), 2);
		this.rig.start();
		TcpConnectionSupport first = cache.getConnection();
		String id = first.getConnectionId();
		assertThat(id).startsWith("Cached:" + DropInRig.HOST);
		first.close();
		assertThat(first.isOpen()).isTrue();
		assertThat(cache.getConnection().getConnectionId()).isEqualTo(id);
		assertThat(cache.getActiveCount()).isEqualTo(1);
		assertThat(cache.getIdleCount()).isZero();
	}

	@Test
	void cacheGivesNoMoreThanItsPoolSize() throws Exception {
		var cache = caching(this.rig.client(this.port.number()), 2);
		cache.setConnectionWaitTimeout(50);
		this.rig.start();
		TcpConnectionSupport first = cache.getConnection();
		assertThat(cache.getConnection().getConnectionId()).isNotEqualTo(first.getConnectionId());
		assertThatExceptionOfType(PoolItemNotAvailableException.class).isThrownBy(cache::getConnection);
		first.close();
		assertThat(cache.getConnection().getConnectionId()).isEqualTo(first.getConnectionId());
	}

	@Test
	void cachedConnectionThatThePeerClosedIsReplaced() throws Exception {
		var client = this.rig.client(this.port.number());
		var cache = caching(client, 1);
		this.rig.start();
		TcpConnectionSupport stale = cache.getConnection();
		stale.close();
		this.rig.accept(this.port).close();
		eventually(() -> assertThat(client.getOpenConnectionIds()).isEmpty());
		TcpConnectionSupport fresh = cache.getConnection();
		assertThat(fresh.getConnectionId()).isNotEqualTo(stale.getConnectionId());
		fresh.send(new GenericMessage<>("hello"));
		assertThat(this.rig.accept(this.port).readLine()).isEqualTo("hello");
	}

	@Test
	void gatewayOverACacheHandlesRequestsInParallel() {
		Inbox replies = new Inbox();
		TcpOutboundGateway gateway = this.rig.outboundGateway(caching(this.rig.client(this.port.number()), 2), replies);
		this.rig.start();
		CompletableFuture<Void> one = request(gateway, "one");
		RawPeer first = this.rig.accept(this.port);
		assertThat(first.readLine()).isEqualTo("one");
		CompletableFuture<Void> two = request(gateway, "two");
		RawPeer second = this.rig.accept(this.port);
		assertThat(second.readLine()).isEqualTo("two");
		second.write("second\r\n");
		Message<?> reply = replies.next();
		assertThat((byte[]) reply.getPayload()).asString().isEqualTo("second");
		assertThat(reply.getHeaders().get(IpHeaders.CONNECTION_ID)).asString().startsWith("Cached:");
		assertThat(reply.getHeaders().get(IpHeaders.ACTUAL_CONNECTION_ID)).asString().startsWith(DropInRig.HOST);
		first.write("first\r\n");
		finished(List.of(one, two));
	}

	@Test
	void stoppingTheCacheClosesItsConnections() throws Exception {
		var client = this.rig.client(this.port.number());
		var cache = caching(client, 2);
		this.rig.start();
		cache.getConnection().close();
		RawPeer peer = this.rig.accept(this.port);
		cache.stop();
		assertThat(peer.isAtEnd()).isTrue();
		assertThat(cache.isRunning()).isFalse();
		cache.start();
		cache.getConnection().send(new GenericMessage<>("again"));
		assertThat(this.rig.accept(this.port).readLine()).isEqualTo("again");
	}

	@Test
	void failoverTakesTheFirstServerThatIsThere() {
		var absent = this.rig.client(this.rig.closedPort());
		TcpSendingMessageHandler sender = this.rig.sender(failover(absent, this.rig.client(this.port.number())));
		this.rig.start();
		sender.handleMessage(new GenericMessage<>("one"));
		sender.handleMessage(new GenericMessage<>("two"));
		RawPeer peer = this.rig.accept(this.port);
		assertThat(List.of(peer.readLine(), peer.readLine())).containsExactly("one", "two");
		assertThat(this.rig.events(absent).of(TcpConnectionFailedEvent.class)).hasSize(1);
	}

	@Test
	void failoverMovesOnWhenTheConnectionIsLost() throws Exception {
		var first = this.rig.client(this.port.number());
		RawPeer.Port otherPort = this.rig.port();
		TcpSendingMessageHandler sender = this.rig.sender(failover(first, this.rig.client(otherPort.number())));
		this.rig.start();
		sender.handleMessage(new GenericMessage<>("one"));
		RawPeer peer = this.rig.accept(this.port);
		assertThat(peer.readLine()).isEqualTo("one");
		this.port.close();
		peer.close();
		eventually(() -> assertThat(first.getOpenConnectionIds()).isEmpty());
		sender.handleMessage(new GenericMessage<>("two"));
		assertThat(this.rig.accept(otherPort).readLine()).isEqualTo("two");
	}

	@Test
	void failoverTellsTheActualConnectionOfAReply() {
		Inbox replies = new Inbox();
		TcpOutboundGateway gateway = this.rig.outboundGateway(failover(this.rig.client(this.port.number())), replies);
		this.rig.start();
		CompletableFuture<Void> request = request(gateway, "one");
		RawPeer peer = this.rig.accept(this.port);
		assertThat(peer.readLine()).isEqualTo("one");
		peer.write("reply\r\n");
		finished(List.of(request));
		assertThat(replies.next().getHeaders().get(IpHeaders.ACTUAL_CONNECTION_ID)).asString()
			.startsWith(DropInRig.HOST);
	}

	@Test
	void failoverFailsWhenNoServerIsThere() {
		var failover = failover(this.rig.client(this.rig.closedPort()), this.rig.client(this.rig.closedPort()));
		this.rig.start();
		assertThatExceptionOfType(UncheckedIOException.class).isThrownBy(failover::getConnection);
	}

	@Test
	void failoverReturnsToTheFirstServer() throws Exception {
		int firstPort = this.rig.closedPort();
		var failover = failover(this.rig.client(firstPort), this.rig.client(this.port.number()));
		failover.setRefreshSharedInterval(0);
		TcpSendingMessageHandler sender = this.rig.sender(failover);
		this.rig.start();
		sender.handleMessage(new GenericMessage<>("one"));
		RawPeer second = this.rig.accept(this.port);
		assertThat(second.readLine()).isEqualTo("one");
		RawPeer.Port first = this.rig.port(firstPort);
		eventually(() -> {
			sender.handleMessage(new GenericMessage<>("two"));
			assertThat(second.isAtEnd()).isTrue();
		});
		assertThat(this.rig.accept(first).readLine()).isEqualTo("two");
	}

	@Test
	void serverThatFailsTheConnectionTestIsPassedOver() {
		RawPeer.Port healthyPort = this.rig.port();
		var sick = tested(this.rig.client(this.port.number()));
		var healthy = tested(this.rig.client(healthyPort.number()));
		TcpSendingMessageHandler sender = this.rig.sender(failover(sick, healthy));
		this.rig.start();
		var sending = this.rig.async(() -> sender.handleMessage(new GenericMessage<>("hello")));
		RawPeer sickPeer = this.rig.accept(this.port);
		assertThat(sickPeer.readLine()).isEqualTo("PING");
		sickPeer.write("BUSY\r\n");
		assertThat(sickPeer.isAtEnd()).isTrue();
		RawPeer healthyPeer = this.rig.accept(healthyPort);
		assertThat(healthyPeer.readLine()).isEqualTo("PING");
		healthyPeer.write("PONG\r\n");
		assertThat(healthyPeer.readLine()).isEqualTo("hello");
		finished(List.of(sending));
		assertThat(this.rig.events(sick).of(TcpConnectionFailedEvent.class)).hasSize(1);
	}

	@Test
	void connectionThatFailsItsTestIsClosedAndRefused() {
		var client = this.rig.client(this.port.number());
		client.setConnectionTest((connection) -> false);
		Inbox inbox = this.rig.inbox(client);
		this.rig.start();
		assertThatExceptionOfType(UncheckedIOException.class).isThrownBy(client::getConnection)
			.withMessageContaining("test failed");
		assertThat(this.rig.accept(this.port).isAtEnd()).isTrue();
		assertThat(this.rig.events(client).of(TcpConnectionFailedEvent.class)).hasSize(1);
		assertThat(inbox.isEmpty()).isTrue();
	}

	@Test
	void onlyTheFirstReplyGoesToTheConnectionTest() throws Exception {
		var client = tested(this.rig.client(this.port.number()));
		Inbox inbox = this.rig.inbox(client);
		this.rig.start();
		var connecting = this.rig.async(() -> assertThat(connection(client).isOpen()).isTrue());
		RawPeer peer = this.rig.accept(this.port);
		assertThat(peer.readLine()).isEqualTo("PING");
		peer.write("PONG\r\nnews\r\n");
		finished(List.of(connecting));
		assertThat(inbox.nextText()).isEqualTo("news");
	}

	@Test
	void threadKeepsItsConnection() throws Exception {
		var client = this.rig.client(this.port.number());
		client.setSingleUse(true);
		var affinity = new ThreadAffinityClientConnectionFactory(client);
		this.rig.start();
		String mine = connection(affinity).getConnectionId();
		affinity.getConnection().close();
		assertThat(connection(affinity).getConnectionId()).isEqualTo(mine);
		List<String> others = new ArrayList<>();
		finished(List.of(this.rig.async(() -> others.add(connection(affinity).getConnectionId()))));
		assertThat(others).hasSize(1).doesNotContain(mine);
		affinity.releaseConnection();
		assertThat(this.rig.accept(this.port).isAtEnd()).isTrue();
		assertThat(connection(affinity).getConnectionId()).isNotEqualTo(mine);
	}

	@Test
	void threadWhoseConnectionEndedGetsANewOne() throws Exception {
		var client = this.rig.client(this.port.number());
		client.setSingleUse(true);
		var affinity = new ThreadAffinityClientConnectionFactory(client);
		this.rig.start();
		String mine = connection(affinity).getConnectionId();
		this.rig.accept(this.port).close();
		eventually(() -> assertThat(client.getOpenConnectionIds()).isEmpty());
		connection(affinity).send(new GenericMessage<>("hello"));
		assertThat(connection(affinity).getConnectionId()).isNotEqualTo(mine);
		assertThat(this.rig.accept(this.port).readLine()).isEqualTo("hello");
	}

	private CachingClientConnectionFactory caching(AbstractClientConnectionFactory client, int size) {
		return this.rig.factory("cache", new CachingClientConnectionFactory(client, size));
	}

	private FailoverClientConnectionFactory failover(AbstractClientConnectionFactory... clients) {
		return this.rig.factory("failover", new FailoverClientConnectionFactory(List.of(clients)));
	}

	private CompletableFuture<Void> request(TcpOutboundGateway gateway, String text) {
		return this.rig.async(() -> gateway.handleMessage(new GenericMessage<>(text)));
	}

	/**
	 * Takes a connection for good if a ping is answered with a pong.
	 */
	private AbstractClientConnectionFactory tested(AbstractClientConnectionFactory client) {
		assumeFalse(this.rig.isStock(), "with the stock factory a connection test races with its reader");
		client.setConnectionTest((connection) -> {
			AtomicBoolean healthy = new AtomicBoolean();
			CountDownLatch answered = new CountDownLatch(1);
			connection.registerTestListener((message) -> {
				healthy.set(message.getPayload() instanceof byte[] bytes && new String(bytes, UTF_8).equals("PONG"));
				answered.countDown();
			});
			connection.send(new GenericMessage<>("PING"));
			return awaits(answered) && healthy.get();
		});
		return client;
	}

	private static boolean awaits(CountDownLatch latch) {
		try {
			return latch.await(10, TimeUnit.SECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return false;
		}
	}

	private static TcpConnectionSupport connection(AbstractClientConnectionFactory client) {
		try {
			return client.getConnection();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

}
