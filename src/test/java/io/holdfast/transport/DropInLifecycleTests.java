package io.holdfast.transport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.integration.ip.IpHeaders;
import org.springframework.integration.ip.event.IpIntegrationEvent;
import org.springframework.integration.ip.tcp.connection.AbstractServerConnectionFactory;
import org.springframework.integration.ip.tcp.connection.TcpConnectionFailedCorrelationEvent;
import org.springframework.integration.ip.tcp.connection.TcpConnectionFailedEvent;
import org.springframework.integration.ip.tcp.connection.TcpConnectionServerExceptionEvent;
import org.springframework.integration.ip.tcp.connection.TcpConnectionServerListeningEvent;
import org.springframework.integration.ip.tcp.inbound.TcpReceivingChannelAdapter;
import org.springframework.integration.ip.tcp.outbound.TcpSendingMessageHandler;
import org.springframework.integration.support.MessageBuilder;
import org.springframework.messaging.MessageHandlingException;
import org.springframework.messaging.support.GenericMessage;

import static io.holdfast.transport.DropInRig.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Starting, stopping, and what goes wrong on the way.
 */
@ParameterizedClass
@EnumSource(Kind.class)
class DropInLifecycleTests {

	@RegisterExtension
	private final DropInRig rig;

	DropInLifecycleTests(Kind kind) {
		this.rig = new DropInRig(kind);
	}

	@Test
	void serverOnPortZeroTellsItsPort() {
		var server = this.rig.server();
		this.rig.inbox(server);
		int port = this.rig.listen(server);
		assertThat(port).isPositive();
		assertThat(server.getServerSocketAddress()).isInstanceOfSatisfying(InetSocketAddress.class,
				(address) -> assertThat(address.getPort()).isEqualTo(port));
		eventually(() -> assertThat(this.rig.events(server).of(IpIntegrationEvent.class)).singleElement()
			.isInstanceOfSatisfying(TcpConnectionServerListeningEvent.class, (event) -> {
				assertThat(event.getPort()).isEqualTo(port);
				assertThat(event.getSource()).isSameAs(server);
			}));
	}

	@Test
	void serverListensOnTheGivenAddressOnly() {
		var server = this.rig.server();
		server.setLocalAddress(DropInRig.HOST);
		this.rig.inbox(server);
		int port = this.rig.listen(server);
		assertThat(server.getServerSocketAddress()).isEqualTo(new InetSocketAddress(DropInRig.LOOPBACK, port));
		assertThatExceptionOfType(ConnectException.class).isThrownBy(() -> connectTo("127.0.0.2", port));
	}

	@Test
	void serverWithoutAListenerDoesNotListen() {
		int port = this.rig.closedPort();
		var server = this.rig.server(port);
		this.rig.start();
		server.start();
		assertThat(server.isListening()).isFalse();
		server.stop();
		assertThat(server.isListening()).isFalse();
		assertThat(this.rig.events(server).of(Object.class)).isEmpty();
	}

	@Test
	void takenPortIsReportedAndTheServerDoesNotRun() {
		RawPeer.Port taken = this.rig.port();
		var server = this.rig.server(taken.number());
		server.setLocalAddress(DropInRig.HOST);
		this.rig.inbox(server);
		this.rig.start();
		eventually(() -> assertThat(this.rig.events(server).of(IpIntegrationEvent.class)).singleElement()
			.isInstanceOfSatisfying(TcpConnectionServerExceptionEvent.class, (event) -> {
				assertThat(event.getSource()).isSameAs(server);
				assertThat(event.getCause()).isInstanceOf(BindException.class);
			}));
		eventually(() -> assertThat(server.isRunning()).isFalse());
		assertThat(server.isListening()).isFalse();
	}

	@Test
	void serverStartsOnceItsPortIsFree() throws Exception {
		RawPeer.Port taken = this.rig.port();
		var server = this.rig.server(taken.number());
		server.setLocalAddress(DropInRig.HOST);
		Inbox inbox = this.rig.inbox(server);
		this.rig.start();
		eventually(() -> assertThat(this.rig.events(server).of(TcpConnectionServerExceptionEvent.class)).hasSize(1));
		eventually(() -> assertThat(server.isRunning()).isFalse());
		taken.close();
		this.rig.connect(this.rig.listen(server)).write("hello\r\n");
		assertThat(inbox.nextText()).isEqualTo("hello");
	}

	@Test
	void refusedConnectIsReportedAndReachesTheCaller() {
		var client = this.rig.client(this.rig.closedPort());
		this.rig.start();
		assertThatExceptionOfType(UncheckedIOException.class).isThrownBy(client::getConnection)
			.withCauseInstanceOf(ConnectException.class);
		assertThat(this.rig.events(client).of(Object.class)).singleElement()
			.isInstanceOfSatisfying(TcpConnectionFailedEvent.class, (event) -> {
				assertThat(event.getSource()).isSameAs(client);
				assertThat(event.getCause()).hasRootCauseInstanceOf(ConnectException.class);
			});
	}

	@Test
	void refusedConnectFailsTheMessage() {
		var client = this.rig.client(this.rig.closedPort());
		TcpSendingMessageHandler sender = this.rig.sender(client);
		this.rig.start();
		assertThatExceptionOfType(MessageHandlingException.class)
			.isThrownBy(() -> sender.handleMessage(new GenericMessage<>("hello")))
			.withRootCauseInstanceOf(ConnectException.class);
	}

	@Test
	void unansweredConnectFailsAfterTheConnectTimeout() {
		RawPeer.Port port = this.rig.port(0, 1);
		fill(port);
		var client = this.rig.client(port.number());
		client.setConnectTimeout(1);
		this.rig.start();
		assertThatExceptionOfType(UncheckedIOException.class).isThrownBy(client::getConnection)
			.withCauseInstanceOf(SocketTimeoutException.class);
		assertThat(this.rig.events(client).of(TcpConnectionFailedEvent.class)).hasSize(1);
	}

	@Test
	void clientThatWasNotStartedDoesNotConnect() {
		var client = this.rig.client(this.rig.closedPort());
		assertThatExceptionOfType(UncheckedIOException.class).isThrownBy(client::getConnection)
			.withMessageContaining("not been started");
		assertThat(this.rig.events(client).of(Object.class)).isEmpty();
	}

	@Test
	void serverHasNoConnectionToGive() {
		var server = this.rig.server();
		assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(server::getConnection);
	}

	@Test
	void messageForNoConnectionIsReported() {
		var server = this.rig.server();
		this.rig.inbox(server);
		TcpSendingMessageHandler sender = this.rig.sender(server);
		this.rig.listen(server);
		var message = MessageBuilder.withPayload("lost").setHeader(IpHeaders.CONNECTION_ID, "unknown").build();
		assertThatExceptionOfType(MessageHandlingException.class).isThrownBy(() -> sender.handleMessage(message));
		assertThat(this.rig.events(server).of(TcpConnectionFailedCorrelationEvent.class)).singleElement()
			.satisfies((event) -> {
				assertThat(event.getConnectionId()).isEqualTo("unknown");
				assertThat(event.getCause()).isInstanceOfSatisfying(MessageHandlingException.class,
						(ex) -> assertThat(ex.getFailedMessage()).isSameAs(message));
			});
	}

	@Test
	void messageForAConnectionThatHasEndedIsReported() {
		var server = this.rig.server();
		Inbox inbox = this.rig.inbox(server);
		TcpSendingMessageHandler sender = this.rig.sender(server);
		RawPeer peer = this.rig.connect(this.rig.listen(server)).write("hello\r\n");
		var message = inbox.next();
		peer.close();
		eventually(() -> assertThat(this.rig.events(server).ofConnections()).contains("Close"));
		assertThatExceptionOfType(MessageHandlingException.class).isThrownBy(() -> sender.handleMessage(message));
		assertThat(this.rig.events(server).of(TcpConnectionFailedCorrelationEvent.class)).singleElement()
			.satisfies((event) -> assertThat(event.getConnectionId())
				.isEqualTo(message.getHeaders().get(IpHeaders.CONNECTION_ID)));
	}

	@Test
	void serverRestartsOnItsPort() {
		int port = this.rig.closedPort();
		var server = this.rig.server(port);
		Inbox inbox = new Inbox();
		TcpReceivingChannelAdapter adapter = this.rig.receiver(server);
		adapter.setOutputChannel(inbox);
		RawPeer before = this.rig.connect(this.rig.listen(server)).write("before\r\n");
		assertThat(inbox.nextText()).isEqualTo("before");
		adapter.stop();
		assertStopped(server, port);
		assertThat(before.isAtEnd()).isTrue();
		adapter.start();
		this.rig.connect(this.rig.listen(server)).write("after\r\n");
		assertThat(inbox.nextText()).isEqualTo("after");
		assertThat(server.getPort()).isEqualTo(port);
		eventually(() -> assertThat(this.rig.events(server).of(TcpConnectionServerListeningEvent.class)).hasSize(2));
		assertThat(this.rig.events(server).of(TcpConnectionServerExceptionEvent.class)).isEmpty();
	}

	@Test
	void serverOnPortZeroRestartsOnAnyPort() {
		var server = this.rig.server();
		Inbox inbox = this.rig.inbox(server);
		int port = this.rig.listen(server);
		server.stop();
		assertStopped(server, port);
		assertThat(server.getPort()).isZero();
		this.rig.connect(this.rig.listen(server)).write("after\r\n");
		assertThat(inbox.nextText()).isEqualTo("after");
	}

	@Test
	void clientRestarts() throws Exception {
		var server = this.rig.server();
		Inbox inbox = this.rig.inbox(server);
		var client = this.rig.client(this.rig.listen(server));
		this.rig.start();
		var before = client.getConnection();
		client.stop();
		assertThat(client.isRunning()).isFalse();
		assertThat(before.isOpen()).isFalse();
		assertThatExceptionOfType(UncheckedIOException.class).isThrownBy(client::getConnection);
		client.start();
		assertThat(client.isRunning()).isTrue();
		client.getConnection().send(new GenericMessage<>("after"));
		assertThat(inbox.nextText()).isEqualTo("after");
	}

	@Test
	void stoppingTwiceAndStartingTwiceChangesNothing() {
		var server = this.rig.server();
		this.rig.inbox(server);
		this.rig.listen(server);
		server.start();
		assertThat(server.isListening()).isTrue();
		server.stop();
		server.stop();
		assertThat(server.isRunning()).isFalse();
		assertThat(this.rig.events(server).of(TcpConnectionServerExceptionEvent.class)).isEmpty();
	}

	@Test
	void serverAboutToShutDownTakesNoNewConnections() {
		var server = this.rig.server();
		this.rig.echo(server);
		int port = this.rig.listen(server);
		RawPeer old = this.rig.connect(port).write("one\r\n");
		assertThat(old.readLine()).isEqualTo("one");
		server.beforeShutdown();
		assertThat(this.rig.connect(port).isAtEnd()).isTrue();
		assertThat(old.write("two\r\n").readLine()).isEqualTo("two");
		assertThat(this.rig.events(server).ofConnections()).containsExactly("Open");
		server.afterShutdown();
		assertStopped(server, port);
		assertThat(old.isAtEnd()).isTrue();
	}

	@Test
	void serverTakesConnectionsAgainAfterAShutdownAndAStart() {
		var server = this.rig.server();
		Inbox inbox = this.rig.inbox(server);
		this.rig.listen(server);
		server.beforeShutdown();
		server.afterShutdown();
		this.rig.connect(this.rig.listen(server)).write("hello\r\n");
		assertThat(inbox.nextText()).isEqualTo("hello");
	}

	private static void assertStopped(AbstractServerConnectionFactory server, int port) {
		eventually(() -> assertThat(server.isListening()).isFalse());
		assertThat(server.isRunning()).isFalse();
		assertThatExceptionOfType(ConnectException.class).isThrownBy(() -> connectTo(DropInRig.HOST, port));
	}

	private static void connectTo(String host, int port) throws IOException {
		try (Socket socket = new Socket()) {
			socket.connect(new InetSocketAddress(host, port), 2000);
		}
	}

	/**
	 * Leaves no room in the queue of those that wait to be accepted: the kernel ignores
	 * further connects.
	 */
	private void fill(RawPeer.Port port) {
		assertThatExceptionOfType(SocketTimeoutException.class).isThrownBy(() -> {
			for (int i = 0; i < 10; i++) {
				Socket socket = new Socket();
				this.rig.peer(socket);
				socket.connect(new InetSocketAddress(DropInRig.LOOPBACK, port.number()), 200);
			}
		});
	}

}
