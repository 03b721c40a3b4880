package io.holdfast.transport;

import java.nio.charset.StandardCharsets;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.integration.IntegrationMessageHeaderAccessor;
import org.springframework.integration.ip.IpHeaders;
import org.springframework.integration.ip.tcp.connection.AbstractConnectionFactory;
import org.springframework.integration.ip.tcp.connection.TcpConnection;
import org.springframework.integration.ip.tcp.connection.TcpMessageMapper;
import org.springframework.integration.ip.tcp.outbound.TcpSendingMessageHandler;
import org.springframework.integration.mapping.BytesMessageMapper;
import org.springframework.messaging.Message;
import org.springframework.messaging.MessageHeaders;
import org.springframework.messaging.support.GenericMessage;

import static io.holdfast.transport.DropInRig.eventually;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * How frames become messages with headers, and messages become frames.
 */
@ParameterizedClass
@EnumSource(Kind.class)
class DropInMapperTests {

	@RegisterExtension
	private final DropInRig rig;

	DropInMapperTests(Kind kind) {
		this.rig = new DropInRig(kind);
	}

	@Test
	void messageTellsWhereItCameFrom() {
		var server = this.rig.server();
		Inbox inbox = this.rig.inbox(server);
		int port = this.rig.listen(server);
		RawPeer peer = this.rig.connect(port).write("hello\r\n");
		Map<String, Object> headers = inbox.next().getHeaders();
		assertThat(headers).containsEntry(IpHeaders.HOSTNAME, DropInRig.HOST)
			.containsEntry(IpHeaders.IP_ADDRESS, DropInRig.HOST)
			.containsEntry(IpHeaders.REMOTE_PORT, peer.socket().getLocalPort())
			.containsEntry(IpHeaders.LOCAL_ADDRESS, DropInRig.LOOPBACK)
			.containsEntry(IpHeaders.CONNECTION_ID, server.getOpenConnectionIds().get(0))
			.doesNotContainKeys(MessageHeaders.CONTENT_TYPE, IntegrationMessageHeaderAccessor.SEQUENCE_NUMBER,
					IntegrationMessageHeaderAccessor.CORRELATION_ID);
		assertThat(server.getOpenConnectionIds().get(0))
			.startsWith(DropInRig.HOST + ":" + peer.socket().getLocalPort() + ":" + port + ":");
	}

	@Test
	void hostIsLookedUpOnDemand() {
		var server = this.rig.server();
		server.setLookupHost(true);
		Inbox inbox = this.rig.inbox(server);
		this.rig.connect(this.rig.listen(server)).write("hello\r\n");
		String name = DropInRig.LOOPBACK.getHostName();
		assertThat(inbox.next().getHeaders()).containsEntry(IpHeaders.HOSTNAME, name)
			.containsEntry(IpHeaders.IP_ADDRESS, DropInRig.HOST);
		assertThat(server.getOpenConnectionIds().get(0)).startsWith(name + ":");
	}

	@Test
	void messagesOfOneConnectionAreNumberedOnDemand() {
		var server = this.rig.server();
		map(server, new TcpMessageMapper()).setApplySequence(true);
		Inbox inbox = this.rig.inbox(server);
		int port = this.rig.listen(server);
		this.rig.connect(port).write("a\r\nb\r\nc\r\n");
		for (int i = 1; i <= 3; i++) {
			assertThat(inbox.next().getHeaders())
				.containsEntry(IntegrationMessageHeaderAccessor.SEQUENCE_NUMBER, Long.valueOf(i))
				.containsEntry(IntegrationMessageHeaderAccessor.CORRELATION_ID, server.getOpenConnectionIds().get(0));
		}
		this.rig.connect(port).write("a\r\n");
		assertThat(inbox.next().getHeaders()).containsEntry(IntegrationMessageHeaderAccessor.SEQUENCE_NUMBER, 1L);
	}

	@Test
	void contentTypeIsAddedOnDemand() {
		var server = this.rig.server();
		TcpMessageMapper mapper = map(server, new TcpMessageMapper());
		mapper.setAddContentTypeHeader(true);
		mapper.setContentType("application/hal+json");
		Inbox inbox = this.rig.inbox(server);
		this.rig.connect(this.rig.listen(server)).write("hello\r\n");
		assertThat(inbox.next().getHeaders()).containsEntry(MessageHeaders.CONTENT_TYPE, "application/hal+json");
	}

	@Test
	void mapperMayAddHeadersOfItsOwn() {
		var server = this.rig.server();
		map(server, new TcpMessageMapper() {

			@Override
			protected Map<String, ?> supplyCustomHeaders(TcpConnection connection) {
				return Map.of("number", connection.incrementAndGetConnectionSequence(), "onServer",
						connection.isServer(), IpHeaders.HOSTNAME, "not replaced");
			}

		});
		Inbox inbox = this.rig.inbox(server);
		this.rig.connect(this.rig.listen(server)).write("a\r\nb\r\n");
		assertThat(inbox.next().getHeaders()).containsEntry("number", 1L)
			.containsEntry("onServer", true)
			.containsEntry(IpHeaders.HOSTNAME, DropInRig.HOST);
		assertThat(inbox.next().getHeaders()).containsEntry("number", 2L);
	}

	@Test
	void mapperMayMakeItsOwnMessage() {
		var server = this.rig.server();
		map(server, new TcpMessageMapper() {

			@Override
			public @Nullable Message<?> toMessage(TcpConnection connection, @Nullable Map<String, Object> headers) {
				Object payload = connection.getPayload();
				return new GenericMessage<>(new String((byte[]) payload, StandardCharsets.UTF_8) + "!");
			}

		});
		Inbox inbox = this.rig.inbox(server);
		this.rig.connect(this.rig.listen(server)).write("a\r\nb\r\n");
		assertThat(inbox.next().getPayload()).isEqualTo("a!");
		assertThat(inbox.next().getPayload()).isEqualTo("b!");
	}

	@Test
	void mapperMayDropAFrame() {
		var server = this.rig.server();
		map(server, new TcpMessageMapper() {

			@Override
			public @Nullable Message<?> toMessage(TcpConnection connection, @Nullable Map<String, Object> headers) {
				Message<?> message = super.toMessage(connection, headers);
				return (message == null || ((byte[]) message.getPayload()).length == 0) ? null : message;
			}

		});
		Inbox inbox = this.rig.inbox(server);
		this.rig.connect(this.rig.listen(server)).write("\r\nkept\r\n");
		assertThat(inbox.nextText()).isEqualTo("kept");
	}

	@Test
	void mapperThatFailsClosesTheConnection() {
		var server = this.rig.server();
		map(server, new TcpMessageMapper() {

			@Override
			protected Map<String, ?> supplyCustomHeaders(TcpConnection connection) {
				throw new IllegalStateException("no headers today");
			}

		});
		Inbox inbox = this.rig.inbox(server);
		RawPeer peer = this.rig.connect(this.rig.listen(server)).write("hello\r\n");
		assertThat(peer.isAtEnd()).isTrue();
		eventually(() -> assertThat(this.rig.events(server).ofConnections()).containsExactly("Open", "Exception",
				"Close"));
		assertThat(inbox.isEmpty()).isTrue();
	}

	@Test
	void bytesMapperTranslatesBothWays() {
		var server = this.rig.server();
		map(server, new TcpMessageMapper()).setBytesMessageMapper(new TaggedText());
		Inbox inbox = this.rig.inbox(server);
		TcpSendingMessageHandler sender = this.rig.sender(server);
		RawPeer peer = this.rig.connect(this.rig.listen(server)).write("blue=sky\r\n");
		Message<?> message = inbox.next();
		assertThat(message.getPayload()).isEqualTo("sky");
		assertThat(message.getHeaders()).containsEntry("tag", "blue").containsKey(IpHeaders.CONNECTION_ID);
		sender.handleMessage(message);
		assertThat(peer.readLine()).isEqualTo("blue=sky");
	}

	@Test
	void textIsWrittenInUtf8() {
		assertThat(written(new TcpMessageMapper(), 4)).isEqualTo("\u00c3\u00a9\r\n");
	}

	@Test
	void textIsWrittenInTheGivenCharset() {
		TcpMessageMapper mapper = new TcpMessageMapper();
		mapper.setCharset("ISO-8859-1");
		assertThat(written(mapper, 3)).isEqualTo("\u00e9\r\n");
	}

	@Test
	void connectionDescribesItsPeer() throws Exception {
		RawPeer.Port port = this.rig.port();
		var client = this.rig.client(port.number());
		this.rig.start();
		TcpConnection connection = client.getConnection();
		assertThat(connection.getHostAddress()).isEqualTo(DropInRig.HOST);
		assertThat(connection.getHostName()).isEqualTo(DropInRig.HOST);
		assertThat(connection.getPort()).isEqualTo(port.number());
		assertThat(connection.isServer()).isFalse();
		assertThat(connection.isOpen()).isTrue();
		assertThat(connection.getSslSession()).isNull();
		assertThat(connection.getSerializer()).isSameAs(client.getSerializer());
		assertThat(connection.getDeserializer()).isSameAs(client.getDeserializer());
		assertThat(connection.getSocketInfo()).satisfies((info) -> {
			assertThat(info.getInetAddress()).isEqualTo(DropInRig.LOOPBACK);
			assertThat(info.getLocalAddress()).isEqualTo(DropInRig.LOOPBACK);
			assertThat(info.getPort()).isEqualTo(port.number());
			assertThat(info.getLocalPort()).isEqualTo(this.rig.accept(port).socket().getPort());
			assertThat(info.isClosed()).isFalse();
		});
	}

	private String written(TcpMessageMapper mapper, int length) {
		RawPeer.Port port = this.rig.port();
		var client = this.rig.client(port.number());
		map(client, mapper);
		TcpSendingMessageHandler sender = this.rig.sender(client);
		this.rig.start();
		sender.handleMessage(new GenericMessage<>("\u00e9"));
		return this.rig.accept(port).read(length);
	}

	private TcpMessageMapper map(AbstractConnectionFactory factory, TcpMessageMapper mapper) {
		mapper.setBeanFactory(this.rig.beans());
		factory.setMapper(mapper);
		return mapper;
	}

	/**
	 * Carries one header in front of the text: {@code tag=text}.
	 */
	private static final class TaggedText implements BytesMessageMapper {

		@Override
		public Message<?> toMessage(byte[] bytes, @Nullable Map<String, Object> headers) {
			String text = new String(bytes, StandardCharsets.UTF_8);
			int end = text.indexOf('=');
			return new GenericMessage<>(text.substring(end + 1), Map.of("tag", text.substring(0, end)));
		}

		@Override
		public byte[] fromMessage(Message<?> message) {
			return (message.getHeaders().get("tag") + "=" + message.getPayload()).getBytes(StandardCharsets.UTF_8);
		}

	}

}
