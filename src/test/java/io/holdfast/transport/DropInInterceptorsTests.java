package io.holdfast.transport;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.integration.ip.tcp.connection.AbstractConnectionFactory;
import org.springframework.integration.ip.tcp.connection.TcpConnection;
import org.springframework.integration.ip.tcp.connection.TcpConnectionEvent;
import org.springframework.integration.ip.tcp.connection.TcpConnectionInterceptorFactory;
import org.springframework.integration.ip.tcp.connection.TcpConnectionInterceptorFactoryChain;
import org.springframework.integration.ip.tcp.connection.TcpConnectionInterceptorSupport;
import org.springframework.integration.ip.tcp.connection.TcpSender;
import org.springframework.integration.ip.tcp.outbound.TcpOutboundGateway;
import org.springframework.integration.ip.tcp.outbound.TcpSendingMessageHandler;
import org.springframework.messaging.Message;
import org.springframework.messaging.support.GenericMessage;

import static io.holdfast.transport.DropInRig.eventually;
import static io.holdfast.transport.DropInRig.finished;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

/**
 * Interceptors around the connections of either kind of factory.
 */
@ParameterizedClass
@EnumSource(Kind.class)
class DropInInterceptorsTests {

	@RegisterExtension
	private final DropInRig rig;

	DropInInterceptorsTests(Kind kind) {
		this.rig = new DropInRig(kind);
	}

	@Test
	void handshakeComesBeforeTheFirstMessage() {
		RawPeer.Port port = this.rig.port();
		var client = this.rig.client(port.number());
		intercept(client, handshake(client));
		TcpSendingMessageHandler sender = this.rig.sender(client);
		Inbox inbox = this.rig.inbox(client);
		this.rig.start();
		var sending = this.rig.async(() -> sender.handleMessage(new GenericMessage<>("payload")));
		RawPeer peer = this.rig.accept(port);
		assertThat(peer.readLine()).isEqualTo("open sesame");
		assertThat(this.rig.events(client).ofConnections()).isEmpty();
		peer.write("open sesame\r\n");
		assertThat(peer.readLine()).isEqualTo("payload");
		finished(List.of(sending));
		peer.write("answer\r\n");
		assertThat(inbox.nextText()).isEqualTo("answer");
		assertThat(inbox.isEmpty()).isTrue();
		assertThat(this.rig.events(client).ofConnections()).containsExactly("Open");
	}

	@Test
	void handshakingFactoriesUnderstandEachOther() {
		var server = this.rig.server();
		intercept(server, handshake(server));
		this.rig.echo(server);
		var client = this.rig.client(this.rig.listen(server));
		intercept(client, handshake(client));
		Inbox replies = new Inbox();
		TcpOutboundGateway gateway = this.rig.outboundGateway(client, replies);
		this.rig.start();
		gateway.handleMessage(new GenericMessage<>("one"));
		gateway.handleMessage(new GenericMessage<>("two"));
		assertThat(List.of(replies.nextText(), replies.nextText())).containsExactly("one", "two");
		assertThat(this.rig.events(server).ofConnections()).containsExactly("Open");
		assertThat(this.rig.events(client).ofConnections()).containsExactly("Open");
		client.stop();
		assertEndOnce(server);
		assertEndOnce(client);
	}

	@Test
	void peerWithoutTheWordIsRejected() {
		var server = this.rig.server();
		intercept(server, handshake(server));
		Inbox inbox = this.rig.inbox(server);
		RawPeer peer = this.rig.connect(this.rig.listen(server)).write("let me in\r\n");
		assertThat(peer.isAtEnd()).isTrue();
		assertThat(inbox.isEmpty()).isTrue();
		eventually(() -> assertThat(this.rig.events(server).ofConnections()).containsExactlyInAnyOrder("Close",
				"Exception"));
	}

	@Test
	void eventsNameTheOutermostOfTwoInterceptors() {
		var server = this.rig.server();
		List<TcpConnectionInterceptorSupport> made = new CopyOnWriteArrayList<>();
		intercept(server, tagging("inner", this.rig.events(server), made),
				tagging("outer", this.rig.events(server), made));
		this.rig.inbox(server);
		RawPeer peer = this.rig.connect(this.rig.listen(server));
		eventually(() -> assertThat(this.rig.events(server).ofConnections()).containsExactly("Open"));
		peer.close();
		eventually(() -> assertThat(this.rig.events(server).ofConnections()).containsExactly("Open", "Exception",
				"Close"));
		assertThat(made).hasSize(2);
		assertThat(this.rig.events(server).of(TcpConnectionEvent.class)).allSatisfy((event) -> {
			assertThat(event.getSource()).isSameAs(made.get(1));
			assertThat(event.getConnectionFactoryName()).isEqualTo("server");
		});
	}

	@Test
	void messagesPassTheChainInBothDirections() {
		var server = this.rig.server();
		List<TcpConnectionInterceptorSupport> made = new CopyOnWriteArrayList<>();
		intercept(server, tagging("inner", this.rig.events(server), made),
				tagging("outer", this.rig.events(server), made));
		this.rig.echo(server);
		RawPeer peer = this.rig.connect(this.rig.listen(server)).write("x\r\n");
		assertThat(peer.readLine()).isEqualTo("x<inner<outer>outer>inner");
	}

	@Test
	void interceptedConnectionIsListedAndClosedByItsId() {
		var server = this.rig.server();
		intercept(server, tagging("only", this.rig.events(server), new CopyOnWriteArrayList<>()));
		this.rig.inbox(server);
		RawPeer peer = this.rig.connect(this.rig.listen(server));
		eventually(() -> assertThat(server.getOpenConnectionIds()).hasSize(1));
		eventually(() -> assertThat(this.rig.events(server).ofConnections()).containsExactly("Open"));
		assertThat(server.closeConnection(server.getOpenConnectionIds().get(0))).isTrue();
		assertThat(peer.isAtEnd()).isTrue();
		assertThat(server.getOpenConnectionIds()).isEmpty();
		assertEndOnce(server);
	}

	@Test
	void stoppingTheFactoryClosesInterceptedConnectionsOnce() {
		var server = this.rig.server();
		List<TcpConnectionInterceptorSupport> made = new CopyOnWriteArrayList<>();
		intercept(server, tagging("inner", this.rig.events(server), made),
				tagging("outer", this.rig.events(server), made));
		this.rig.inbox(server);
		RawPeer peer = this.rig.connect(this.rig.listen(server));
		eventually(() -> assertThat(this.rig.events(server).ofConnections()).containsExactly("Open"));
		server.stop();
		assertThat(peer.isAtEnd()).isTrue();
		assertEndOnce(server);
	}

	@Test
	void senderIsGivenTheOutermostInterceptor() {
		var server = this.rig.server();
		List<TcpConnectionInterceptorSupport> made = new CopyOnWriteArrayList<>();
		intercept(server, tagging("inner", this.rig.events(server), made),
				tagging("outer", this.rig.events(server), made));
		this.rig.inbox(server);
		CountingSender sender = new CountingSender();
		server.registerSender(sender);
		RawPeer peer = this.rig.connect(this.rig.listen(server));
		eventually(() -> assertThat(sender.added).hasSize(1));
		assertThat(sender.added.get(0)).isSameAs(made.get(1));
		peer.close();
		eventually(() -> assertThat(sender.removed.get()).isPositive());
	}

	@Test
	void interceptorThatThrowsWhenAConnectionIsAcceptedLeavesNothingBehind() {
		var server = this.rig.server();
		intercept(server, FailingInterceptor::new);
		this.rig.inbox(server);
		RawPeer peer = this.rig.connect(this.rig.listen(server));
		assertThat(peer.isAtEnd()).isTrue();
		eventually(() -> assertThat(server.getOpenConnectionIds()).isEmpty());
		assertThat(this.rig.events(server).ofConnections()).isEmpty();
	}

	@Test
	void interceptorThatThrowsWhenAConnectionIsMadeLeavesNothingBehind() {
		// stock factories leave the socket to the garbage collector
		assumeFalse(this.rig.isStock());
		RawPeer.Port port = this.rig.port();
		var client = this.rig.client(port.number());
		intercept(client, FailingInterceptor::new);
		this.rig.sender(client);
		this.rig.start();
		assertThatIllegalStateException().isThrownBy(client::getConnection).withMessage("no room for one more");
		assertThat(this.rig.accept(port).isAtEnd()).isTrue();
		assertThat(client.getOpenConnectionIds()).isEmpty();
		assertThat(this.rig.events(client).ofConnections()).doesNotContain("Open", "Close");
	}

	@Test
	void senderThatThrowsWhenAConnectionGoesDoesNotKeepIt() {
		// stock factories cannot even be stopped then
		assumeFalse(this.rig.isStock());
		var server = this.rig.server();
		this.rig.inbox(server);
		server.registerSender(new TcpSender() {

			@Override
			public void addNewConnection(TcpConnection connection) {
			}

			@Override
			public void removeDeadConnection(TcpConnection connection) {
				throw new IllegalStateException("never heard of it");
			}

		});
		RawPeer peer = this.rig.connect(this.rig.listen(server));
		eventually(() -> assertThat(server.getOpenConnectionIds()).hasSize(1));
		peer.close();
		assertEndOnce(server);
		eventually(() -> assertThat(server.getOpenConnectionIds()).isEmpty());
	}

	private void assertEndOnce(AbstractConnectionFactory factory) {
		eventually(() -> assertThat(this.rig.events(factory).ofConnections()).containsExactlyInAnyOrder("Open",
				"Exception", "Close"));
	}

	private TcpConnectionInterceptorFactory handshake(AbstractConnectionFactory factory) {
		return () -> new HandshakeInterceptor("open sesame", this.rig.events(factory));
	}

	private static TcpConnectionInterceptorFactory tagging(String tag, ApplicationEventPublisher events,
			List<TcpConnectionInterceptorSupport> made) {
		return () -> {
			TaggingInterceptor interceptor = new TaggingInterceptor(tag, events);
			made.add(interceptor);
			return interceptor;
		};
	}

	private static void intercept(AbstractConnectionFactory factory, TcpConnectionInterceptorFactory... interceptors) {
		TcpConnectionInterceptorFactoryChain chain = new TcpConnectionInterceptorFactoryChain();
		chain.setInterceptors(interceptors);
		factory.setInterceptorFactoryChain(chain);
	}

	/**
	 * Leaves its mark on what passes by.
	 */
	private static final class TaggingInterceptor extends TcpConnectionInterceptorSupport {

		private final String tag;

		TaggingInterceptor(String tag, ApplicationEventPublisher events) {
			super(events);
			this.tag = tag;
		}

		@Override
		public void onMessage(Message<?> message) {
			super.onMessage((message.getPayload() instanceof byte[]) ? marked(message, "<") : message);
		}

		@Override
		public void send(Message<?> message) {
			super.send(marked(message, ">"));
		}

		private Message<?> marked(Message<?> message, String direction) {
			Object payload = message.getPayload();
			String text = (payload instanceof byte[] bytes) ? new String(bytes, StandardCharsets.UTF_8)
					: String.valueOf(payload);
			String marked = text + direction + this.tag;
			return new GenericMessage<>(marked.getBytes(StandardCharsets.UTF_8), message.getHeaders());
		}

	}

	private static final class FailingInterceptor extends TcpConnectionInterceptorSupport {

		@Override
		public void addNewConnection(TcpConnection connection) {
			throw new IllegalStateException("no room for one more");
		}

	}

	private static final class CountingSender implements TcpSender {

		private final List<TcpConnection> added = new CopyOnWriteArrayList<>();

		private final AtomicInteger removed = new AtomicInteger();

		@Override
		public void addNewConnection(TcpConnection connection) {
			this.added.add(connection);
		}

		@Override
		public void removeDeadConnection(TcpConnection connection) {
			this.removed.incrementAndGet();
		}

	}

}
