package io.holdfast.transport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.integration.ip.IpHeaders;
import org.springframework.integration.ip.tcp.connection.AbstractConnectionFactory;
import org.springframework.integration.ip.tcp.connection.TcpConnection;
import org.springframework.integration.ip.tcp.connection.TcpConnectionCloseEvent;
import org.springframework.integration.ip.tcp.connection.TcpConnectionOpenEvent;
import org.springframework.integration.ip.tcp.connection.TcpConnectionSupport;
import org.springframework.integration.ip.tcp.serializer.SoftEndOfStreamException;
import org.springframework.integration.ip.tcp.serializer.TcpCodecs;
import org.springframework.integration.ip.tcp.serializer.TcpDeserializationExceptionEvent;
import org.springframework.messaging.Message;
import org.springframework.messaging.MessagingException;
import org.springframework.messaging.support.ErrorMessage;
import org.springframework.messaging.support.GenericMessage;

import static io.holdfast.transport.DropInRig.eventually;
import static io.holdfast.transport.DropInRig.finished;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What is told about a connection, in which order, and to whom.
 */
@ParameterizedClass
@EnumSource(Kind.class)
class DropInEventsTests {

	@RegisterExtension
	private final DropInRig rig;

	DropInEventsTests(Kind kind) {
		this.rig = new DropInRig(kind);
	}

	@Test
	void peerThatLeavesBetweenFramesEndsTheConnectionSoftly() {
		var server = this.rig.server();
		Inbox inbox = this.rig.inbox(server);
		RawPeer peer = this.rig.connect(this.rig.listen(server)).write("hello\r\n");
		String id = inbox.nextConnectionId();
		assertEvents(server, "Open");
		peer.close();
		assertEvents(server, "Open", "Exception", "Close");
		assertThat(failure(server)).isInstanceOf(SoftEndOfStreamException.class);
		TcpConnectionOpenEvent opened = this.rig.events(server).of(TcpConnectionOpenEvent.class).get(0);
		assertThat(opened.getConnectionId()).isEqualTo(id);
		assertThat(opened.getConnectionFactoryName()).isEqualTo("server");
		assertThat(((TcpConnection) opened.getSource()).isServer()).isTrue();
		assertThat(server.getOpenConnectionIds()).isEmpty();
	}

	@Test
	void peerThatLeavesInsideAFrameIsAnInputError() {
		var server = this.rig.server();
		Listener listener = listener(server);
		this.rig.connect(this.rig.listen(server)).write("half a fra").close();
		assertEvents(server, "Open", "Exception", "Close");
		assertThat(failure(server)).isInstanceOf(IOException.class);
		listener.assertToldOnce(IOException.class);
	}

	@Test
	void peerThatResetsInsideAFrameIsAnInputError() {
		var server = this.rig.server();
		Listener listener = listener(server);
		RawPeer peer = this.rig.connect(this.rig.listen(server)).write("half a fra");
		assertEvents(server, "Open");
		peer.reset();
		assertEvents(server, "Open", "Exception", "Close");
		assertThat(failure(server)).isInstanceOf(IOException.class);
		listener.assertToldOnce(IOException.class);
	}

	@Test
	void listenerIsNotToldOfASoftEnd() {
		var server = this.rig.server();
		Listener listener = listener(server);
		this.rig.connect(this.rig.listen(server)).close();
		assertEvents(server, "Open", "Exception", "Close");
		assertThat(failure(server)).isInstanceOf(SoftEndOfStreamException.class);
		assertThat(listener.messages.clear()).isEmpty();
	}

	@Test
	void tooLongAFrameClosesTheConnection() {
		var server = this.rig.server();
		Listener listener = listener(server);
		RawPeer peer = this.rig.connect(this.rig.listen(server)).write("x".repeat(3000));
		assertThat(peerIsGone(peer)).isTrue();
		assertEvents(server, "Open", "Exception", "Close");
		assertThat(failure(server)).isInstanceOf(IOException.class).hasMessageContaining("max");
		listener.assertToldOnce(IOException.class);
	}

	@Test
	void garbageForALengthClosesTheConnection() {
		var server = this.rig.server();
		server.setDeserializer(TcpCodecs.lengthHeader4());
		Listener listener = listener(server);
		RawPeer peer = this.rig.connect(this.rig.listen(server)).write(new byte[] { -1, -1, -1, -1 });
		assertThat(peerIsGone(peer)).isTrue();
		assertEvents(server, "Open", "Exception", "Close");
		// stock takes the length for a negative one, ours for one that is too large
		assertThat(failure(server)).isInstanceOfAny(IllegalArgumentException.class, IOException.class);
		listener.assertToldOnce(Exception.class);
	}

	@Test
	void frameThatCannotBeReadIsReportedWithItsBytes() {
		var server = this.rig.server();
		listener(server);
		this.rig.connect(this.rig.listen(server)).write("x".repeat(3000));
		assertEvents(server, "Open", "Exception", "Close");
		assertThat(this.rig.events(server).of(TcpDeserializationExceptionEvent.class)).hasSize(1)
			.first()
			.satisfies((event) -> {
				assertThat(event.getCause()).isInstanceOf(IOException.class);
				assertThat(new String(event.getBuffer(), StandardCharsets.UTF_8)).startsWith("xxx");
				assertThat(event.getOffset()).isEqualTo(2048);
			});
	}

	@Test
	void silenceBeyondTheSocketTimeoutEndsAServerConnection() {
		var server = this.rig.server();
		server.setSoTimeout(100);
		Listener listener = listener(server);
		RawPeer peer = this.rig.connect(this.rig.listen(server));
		assertThat(peer.isAtEnd()).isTrue();
		assertEvents(server, "Open", "Exception", "Close");
		assertThat(failure(server)).isInstanceOf(SocketTimeoutException.class);
		listener.assertToldOnce(SocketTimeoutException.class);
	}

	@Test
	void serverConnectionOutlivesTheSocketTimeoutWhileBytesArrive() {
		var server = this.rig.server();
		server.setSoTimeout(400);
		Inbox inbox = this.rig.inbox(server);
		RawPeer peer = this.rig.connect(this.rig.listen(server));
		var ticks = this.rig.scheduler().scheduleAtFixedRate(() -> peer.write("tick\r\n"), Duration.ofMillis(100));
		for (int i = 0; i < 8; i++) {
			assertThat(inbox.nextText()).isEqualTo("tick");
		}
		ticks.cancel(false);
		assertThat(this.rig.events(server).ofConnections()).startsWith("Open").doesNotContain("Close");
	}

	@Test
	void silenceBeyondTheSocketTimeoutEndsAClientConnection() throws Exception {
		RawPeer.Port port = this.rig.port();
		var client = this.rig.client(port.number());
		client.setSoTimeout(100);
		Listener listener = listener(client);
		this.rig.start();
		client.getConnection();
		assertThat(this.rig.accept(port).isAtEnd()).isTrue();
		assertEvents(client, "Open", "Exception", "Close");
		assertThat(failure(client)).isInstanceOf(SocketTimeoutException.class);
		listener.assertToldOnce(SocketTimeoutException.class);
	}

	@Test
	void clientThatHasJustSentWaitsForTheReply() throws Exception {
		RawPeer.Port port = this.rig.port();
		var client = this.rig.client(port.number());
		client.setSoTimeout(600);
		Inbox inbox = this.rig.inbox(client);
		this.rig.start();
		TcpConnectionSupport connection = client.getConnection();
		RawPeer peer = this.rig.accept(port);
		Instant start = Instant.now();
		var sending = this.rig.scheduler()
			.schedule(() -> connection.send(new GenericMessage<>("request")), start.plusMillis(300));
		var replying = this.rig.scheduler().schedule(() -> peer.write("reply\r\n"), start.plusMillis(750));
		assertThat(peer.readLine()).isEqualTo("request");
		assertThat(inbox.nextText()).isEqualTo("reply");
		assertThat(peer.isAtEnd()).isTrue();
		assertThat(sending.isDone() && replying.isDone()).isTrue();
		// a timeout that is let pass may be told, too
		eventually(() -> assertThat(this.rig.events(client).ofConnections()).endsWith("Exception", "Close"));
	}

	@Test
	void flowMayTakeLongerThanTheSocketTimeout() {
		var server = this.rig.server();
		server.setSoTimeout(200);
		CountDownLatch elsewhere = new CountDownLatch(1);
		var slowly = this.rig.scheduler().schedule(elsewhere::countDown, Instant.now().plusMillis(800));
		this.rig.inboundGateway(server, (request) -> {
			DropInRig.await(elsewhere);
			return request.getPayload();
		});
		RawPeer peer = this.rig.connect(this.rig.listen(server)).write("hello\r\n");
		assertThat(peer.readLine()).isEqualTo("hello");
		assertThat(peer.isAtEnd()).isTrue();
		assertThat(slowly.isDone()).isTrue();
		assertEvents(server, "Open", "Exception", "Close");
	}

	@Test
	void serverMayGreetAsSoonAsAConnectionOpens() {
		var server = this.rig.server();
		this.rig.inbox(server);
		server.setApplicationEventPublisher((event) -> {
			if (event instanceof TcpConnectionOpenEvent opened) {
				((TcpConnection) opened.getSource()).send(new GenericMessage<>("welcome"));
			}
		});
		assertThat(this.rig.connect(this.rig.listen(server)).readLine()).isEqualTo("welcome");
	}

	@Test
	void closingAConnectionByItsIdClosesItOnce() {
		var server = this.rig.server();
		this.rig.inbox(server);
		RawPeer peer = this.rig.connect(this.rig.listen(server));
		assertEvents(server, "Open");
		String id = server.getOpenConnectionIds().get(0);
		assertThat(server.closeConnection(id)).isTrue();
		assertThat(server.closeConnection(id)).isFalse();
		assertThat(peer.isAtEnd()).isTrue();
		assertEventsInAnyOrder(server, "Open", "Close", "Exception");
		assertThat(server.getOpenConnectionIds()).isEmpty();
	}

	@Test
	void closingAnUnknownConnectionDoesNothing() {
		var server = this.rig.server();
		this.rig.inbox(server);
		this.rig.listen(server);
		assertThat(server.closeConnection("unknown")).isFalse();
		assertThat(this.rig.events(server).ofConnections()).isEmpty();
	}

	@Test
	void resetRightBehindDataIsSeen() {
		var server = this.rig.server();
		Inbox inbox = this.rig.inbox(server);
		int port = this.rig.listen(server);
		for (int i = 0; i < 100; i++) {
			RawPeer peer = this.rig.connect(port).write("whole\r\n");
			assertThat(inbox.nextText()).isEqualTo("whole");
			peer.write("half").reset();
		}
		eventually(() -> assertThat(this.rig.events(server).of(TcpConnectionCloseEvent.class)).hasSize(100));
	}

	@Test
	void stoppingTheFactoriesClosesTheirConnections() throws Exception {
		var server = this.rig.server();
		this.rig.inbox(server);
		var client = this.rig.client(this.rig.listen(server));
		this.rig.inbox(client);
		this.rig.start();
		client.getConnection();
		assertEvents(server, "Open");
		assertEvents(client, "Open");
		client.stop();
		assertEventsInAnyOrder(client, "Open", "Close", "Exception");
		assertEvents(server, "Open", "Exception", "Close");
		RawPeer peer = this.rig.connect(server.getPort());
		assertEvents(server, "Open", "Exception", "Close", "Open");
		server.stop();
		assertThat(peer.isAtEnd()).isTrue();
		assertEventsInAnyOrder(server, "Open", "Exception", "Close", "Open", "Exception", "Close");
	}

	@Test
	void connectionsThatBothSidesEndAtOnceCloseOnce() {
		var server = this.rig.server();
		this.rig.inbox(server);
		int port = this.rig.listen(server);
		for (int i = 1; i <= 50; i++) {
			int opened = i;
			RawPeer peer = this.rig.connect(port);
			eventually(() -> assertThat(this.rig.events(server).of(TcpConnectionOpenEvent.class)).hasSize(opened));
			var closing = this.rig.async(peer::close);
			server.getOpenConnectionIds().forEach(server::closeConnection);
			finished(List.of(closing));
		}
		eventually(() -> assertThat(this.rig.events(server).ofConnections()).hasSize(150)
			.containsOnly("Open", "Exception", "Close"));
		assertThat(server.getOpenConnectionIds()).isEmpty();
	}

	@Test
	void connectionsThatAreClosedAsSoonAsTheyAreOpenAreEachOpenedAndThenClosed() throws Exception {
		RawPeer.Port port = this.rig.port(0, 500);
		var client = this.rig.client(port.number());
		this.rig.inbox(client);
		this.rig.start();
		for (int i = 0; i < 300; i++) {
			client.getConnection().close();
		}
		RecordedEvents events = this.rig.events(client);
		eventually(() -> {
			assertThat(events.of(TcpConnectionOpenEvent.class)).hasSize(300);
			assertThat(events.of(TcpConnectionCloseEvent.class)).hasSize(300);
		});
		if (!this.rig.isStock()) {
			assertThat(events.wordsOfEach()).hasSize(300)
				.allSatisfy((words) -> assertThat(words).startsWith("Open").containsOnlyOnce("Close"));
		}
	}

	@Test
	void connectionsThatPeersCloseAtOnceAreEachOpenedAndThenClosed() {
		var server = this.rig.server();
		this.rig.inbox(server);
		int port = this.rig.listen(server);
		for (int i = 0; i < 300; i++) {
			this.rig.connect(port).close();
		}
		RecordedEvents events = this.rig.events(server);
		eventually(() -> assertThat(events.wordsOfEach()).hasSize(300)
			.allSatisfy((words) -> assertThat(words).containsExactly("Open", "Exception", "Close")));
	}

	@Test
	void sendingOnAClosedConnectionFails() throws Exception {
		RawPeer.Port port = this.rig.port();
		var client = this.rig.client(port.number());
		this.rig.inbox(client);
		this.rig.start();
		TcpConnectionSupport connection = client.getConnection();
		assertEvents(client, "Open");
		connection.close();
		assertEventsInAnyOrder(client, "Open", "Close", "Exception");
		assertThat(connection.isOpen()).isFalse();
		assertThatExceptionOfType(MessagingException.class)
			.isThrownBy(() -> connection.send(new GenericMessage<>("late")))
			.withRootCauseInstanceOf(IOException.class)
			.satisfies((ex) -> assertThat(ex.getFailedMessage()).isNotNull());
		assertEventsInAnyOrder(client, "Open", "Close", "Exception", "Exception");
	}

	@Test
	void payloadThatCannotBeWrittenFailsAndClosesTheConnection() throws Exception {
		RawPeer.Port port = this.rig.port();
		var client = this.rig.client(port.number());
		this.rig.inbox(client);
		this.rig.start();
		TcpConnectionSupport connection = client.getConnection();
		assertEvents(client, "Open");
		assertThatExceptionOfType(MessagingException.class).isThrownBy(() -> connection.send(new GenericMessage<>(42)))
			.withCauseInstanceOf(IllegalArgumentException.class);
		assertThat(this.rig.accept(port).isAtEnd()).isTrue();
		assertThat(connection.isOpen()).isFalse();
		assertEventsInAnyOrder(client, "Open", "Exception", "Close", "Exception");
		assertThat(failure(client)).isInstanceOf(MessagingException.class);
	}

	@Test
	void openIsToldBeforeTheFirstMessage() {
		var server = this.rig.server();
		RecordedEvents events = this.rig.events(server);
		Inbox seen = new Inbox();
		server.registerListener((message) -> seen.send(new GenericMessage<>(events.ofConnections())));
		this.rig.connect(this.rig.listen(server)).write("hello\r\n");
		assertThat(seen.next().getPayload()).isEqualTo(List.of("Open"));
	}

	private void assertEvents(AbstractConnectionFactory factory, String... expected) {
		eventually(() -> assertThat(this.rig.events(factory).ofConnections()).containsExactly(expected));
	}

	/**
	 * For a close from this side: the reader learns of it at its own pace.
	 */
	private void assertEventsInAnyOrder(AbstractConnectionFactory factory, String... expected) {
		eventually(() -> assertThat(this.rig.events(factory).ofConnections()).containsExactlyInAnyOrder(expected));
	}

	private Throwable failure(AbstractConnectionFactory factory) {
		return this.rig.events(factory).failure();
	}

	private static boolean peerIsGone(RawPeer peer) {
		try {
			return peer.isAtEnd();
		}
		catch (UncheckedIOException ex) {
			// bytes that were never read turn the end into a reset
			return true;
		}
	}

	private static Listener listener(AbstractConnectionFactory factory) {
		Listener listener = new Listener();
		factory.registerListener(listener::onMessage);
		return listener;
	}

	private static final class Listener {

		private final Inbox messages = new Inbox();

		void onMessage(Message<?> message) {
			this.messages.send(message);
		}

		void assertToldOnce(Class<? extends Exception> type) {
			Message<?> message = this.messages.next();
			assertThat(message).isInstanceOf(ErrorMessage.class);
			assertThat(RecordedEvents.unwrap((Throwable) message.getPayload())).isInstanceOf(type);
			assertThat(message.getHeaders().get(IpHeaders.CONNECTION_ID)).isNotNull();
			assertThat(this.messages.isEmpty()).isTrue();
		}

	}

}
