package io.holdfast.transport;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

import io.holdfast.framing.FrameTooLongException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.integration.ip.tcp.outbound.TcpSendingMessageHandler;
import org.springframework.integration.ip.tcp.serializer.TcpCodecs;
import org.springframework.messaging.Message;
import org.springframework.messaging.MessagingException;
import org.springframework.messaging.support.GenericMessage;

import static io.holdfast.transport.DropInRig.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The stock serializers put the same bytes on the wire, and take the same bytes from it,
 * with either kind of factory.
 */
@ParameterizedClass
@EnumSource(Kind.class)
class DropInSerializersTests {

	private static final int MAX = 40;

	@RegisterExtension
	private final DropInRig rig;

	DropInSerializersTests(Kind kind) {
		this.rig = new DropInRig(kind);
	}

	@ParameterizedTest
	@MethodSource("io.holdfast.transport.StockCodec#all")
	void framesAreRead(StockCodec codec) {
		var server = this.rig.server();
		server.setDeserializer(codec.create(MAX));
		Inbox inbox = this.rig.inbox(server);
		RawPeer peer = this.rig.connect(this.rig.listen(server));
		peer.write(codec.wire("one") + codec.wire("") + codec.wire("three"));
		assertThat(List.of(inbox.nextText(), inbox.nextText(), inbox.nextText())).containsExactly("one", "", "three");
	}

	@ParameterizedTest
	@MethodSource("io.holdfast.transport.StockCodec#all")
	void framesThatArriveByteByByteAreRead(StockCodec codec) {
		var server = this.rig.server();
		server.setDeserializer(codec.create(MAX));
		Inbox inbox = this.rig.inbox(server);
		RawPeer peer = this.rig.connect(this.rig.listen(server));
		for (char next : (codec.wire("one") + codec.wire("two")).toCharArray()) {
			peer.write(new byte[] { (byte) next });
		}
		assertThat(List.of(inbox.nextText(), inbox.nextText())).containsExactly("one", "two");
	}

	@ParameterizedTest
	@MethodSource("io.holdfast.transport.StockCodec#all")
	void framesAreWritten(StockCodec codec) {
		RawPeer.Port port = this.rig.port();
		var client = this.rig.client(port.number());
		client.setSerializer(codec.create(MAX));
		TcpSendingMessageHandler sender = this.rig.sender(client);
		this.rig.start();
		List.of("one", "", "three").forEach((text) -> sender.handleMessage(new GenericMessage<>(text)));
		String expected = codec.wire("one") + codec.wire("") + codec.wire("three");
		assertThat(this.rig.accept(port).read(expected.length())).isEqualTo(expected);
	}

	@ParameterizedTest
	@MethodSource("io.holdfast.transport.StockCodec#all")
	void longestFrameIsRead(StockCodec codec) {
		var server = this.rig.server();
		server.setDeserializer(codec.create(MAX));
		Inbox inbox = this.rig.inbox(server);
		RawPeer peer = this.rig.connect(this.rig.listen(server));
		String longest = "x".repeat(codec.longest(MAX));
		peer.write(codec.wire(longest) + codec.wire("next"));
		assertThat(List.of(inbox.nextText(), inbox.nextText())).containsExactly(longest, "next");
	}

	@ParameterizedTest
	@MethodSource("io.holdfast.transport.StockCodec#all")
	void oneByteMoreThanTheLongestFrameClosesTheConnection(StockCodec codec) {
		var server = this.rig.server();
		server.setDeserializer(codec.create(MAX));
		Inbox inbox = this.rig.inbox(server);
		RawPeer peer = this.rig.connect(this.rig.listen(server));
		peer.write(codec.wire("x".repeat(codec.longest(MAX) + 1)));
		eventually(() -> assertThat(this.rig.events(server).ofConnections()).containsExactly("Open", "Exception",
				"Close"));
		assertThat(this.rig.events(server).failure()).isInstanceOf(IOException.class).hasMessageContaining("max");
		assertThat(inbox.isEmpty()).isTrue();
	}

	@ParameterizedTest
	@MethodSource("io.holdfast.transport.StockCodec#withoutShortLengths")
	void writingIsNotBoundByTheLongestFrame(StockCodec codec) {
		RawPeer.Port port = this.rig.port();
		var client = this.rig.client(port.number());
		client.setSerializer(codec.create(MAX));
		TcpSendingMessageHandler sender = this.rig.sender(client);
		this.rig.start();
		String text = "x".repeat(5000);
		sender.handleMessage(new GenericMessage<>(text));
		String expected = codec.wire(text);
		assertThat(this.rig.accept(port).read(expected.length())).isEqualTo(expected);
	}

	@ParameterizedTest
	@MethodSource("io.holdfast.transport.StockCodec#all")
	void endsOfFramesInAMessageAreWrittenUnseen(StockCodec codec) {
		RawPeer.Port port = this.rig.port();
		var client = this.rig.client(port.number());
		client.setSerializer(codec.create(MAX));
		TcpSendingMessageHandler sender = this.rig.sender(client);
		this.rig.start();
		String text = "a\r\nb\u0002c\u0003d\0e\n";
		sender.handleMessage(new GenericMessage<>(text));
		assertThat(this.rig.accept(port).read(codec.wire(text).length())).isEqualTo(codec.wire(text));
	}

	@ParameterizedTest
	@MethodSource("io.holdfast.transport.StockCodec#all")
	void bothSidesUnderstandEachOther(StockCodec codec) {
		var server = this.rig.server();
		server.setSerializer(codec.create(200));
		server.setDeserializer(codec.create(200));
		this.rig.echo(server);
		var client = this.rig.client(this.rig.listen(server));
		client.setSerializer(codec.create(200));
		client.setDeserializer(codec.create(200));
		TcpSendingMessageHandler sender = this.rig.sender(client);
		Inbox replies = this.rig.inbox(client);
		this.rig.start();
		String text = "x".repeat(150);
		sender.handleMessage(new GenericMessage<>(text));
		sender.handleMessage(new GenericMessage<>("y"));
		assertThat(List.of(replies.nextText(), replies.nextText())).containsExactly(text, "y");
	}

	@ParameterizedTest
	@ValueSource(strings = { "a\nb", "a\rb", "\n", "\r", "a\r" })
	void lineEndsOnlyWithBothOfItsBytes(String text) {
		var server = this.rig.server();
		Inbox inbox = this.rig.inbox(server);
		this.rig.connect(this.rig.listen(server)).write(text + "\r\n");
		assertThat(inbox.nextText()).isEqualTo(text);
	}

	@Test
	void defaultBoundIs2048Bytes() {
		var server = this.rig.server();
		server.setDeserializer(TcpCodecs.lengthHeader2());
		Inbox inbox = this.rig.inbox(server);
		RawPeer peer = this.rig.connect(this.rig.listen(server));
		peer.write(StockCodec.LENGTH_2.wire("x".repeat(2048)));
		assertThat(inbox.nextBytes()).hasSize(2048);
		peer.write(StockCodec.LENGTH_2.wire("x".repeat(2049)));
		eventually(() -> assertThat(this.rig.events(server).ofConnections()).endsWith("Exception", "Close"));
	}

	@Test
	void shortLengthHeadersAreUnsigned() {
		var server = this.rig.server();
		server.setDeserializer(TcpCodecs.lengthHeader2(65_535));
		Inbox inbox = this.rig.inbox(server);
		byte[] frame = ByteBuffer.allocate(2 + 65_535).putShort((short) 65_535).array();
		this.rig.connect(this.rig.listen(server)).write(frame);
		assertThat(inbox.nextBytes()).hasSize(65_535);
	}

	@Test
	void payloadThatIsTooLongForItsHeaderFailsAndClosesTheConnection() throws Exception {
		RawPeer.Port port = this.rig.port();
		var client = this.rig.client(port.number());
		client.setSerializer(TcpCodecs.lengthHeader1());
		this.rig.start();
		var connection = client.getConnection();
		Message<byte[]> tooLong = new GenericMessage<>(new byte[256]);
		assertThatExceptionOfType(MessagingException.class).isThrownBy(() -> connection.send(tooLong))
			.satisfies((ex) -> assertThat(ex.getCause()).isInstanceOfAny(IllegalArgumentException.class,
					FrameTooLongException.class));
		assertThat(this.rig.accept(port).isAtEnd()).isTrue();
		assertThat(connection.isOpen()).isFalse();
	}

	@Test
	void inclusiveLengthThatIsShorterThanItselfClosesTheConnection() {
		var server = this.rig.server();
		server.setDeserializer(TcpCodecs.lengthHeader4().inclusive());
		this.rig.inbox(server);
		this.rig.connect(this.rig.listen(server)).write(new byte[] { 0, 0, 0, 3 });
		eventually(() -> assertThat(this.rig.events(server).ofConnections()).containsExactly("Open", "Exception",
				"Close"));
	}

	@Test
	void bytesBeforeTheStartOfAFrameCloseTheConnection() {
		var server = this.rig.server();
		server.setDeserializer(TcpCodecs.stxetx());
		Inbox inbox = this.rig.inbox(server);
		this.rig.connect(this.rig.listen(server))
			.write(StockCodec.STX_ETX.wire("one") + "x" + StockCodec.STX_ETX.wire("two"));
		assertThat(inbox.nextText()).isEqualTo("one");
		eventually(() -> assertThat(this.rig.events(server).ofConnections()).containsExactly("Open", "Exception",
				"Close"));
		assertThat(inbox.isEmpty()).isTrue();
	}

	@Test
	void rawMessageEndsWithTheStream() {
		var server = this.rig.server();
		server.setDeserializer(TcpCodecs.raw());
		Inbox inbox = this.rig.inbox(server);
		this.rig.connect(this.rig.listen(server)).write("one\r\n").write("two\r\n").close();
		assertThat(inbox.nextText()).isEqualTo("one\r\ntwo\r\n");
		eventually(() -> assertThat(this.rig.events(server).ofConnections()).containsExactly("Open", "Exception",
				"Close"));
		assertThat(inbox.isEmpty()).isTrue();
	}

	@Test
	void rawStreamWithoutBytesIsNoMessage() {
		var server = this.rig.server();
		server.setDeserializer(TcpCodecs.raw());
		Inbox inbox = this.rig.inbox(server);
		this.rig.connect(this.rig.listen(server)).close();
		eventually(() -> assertThat(this.rig.events(server).ofConnections()).containsExactly("Open", "Exception",
				"Close"));
		assertThat(inbox.isEmpty()).isTrue();
	}

	@Test
	void rawMessageIsBound() {
		var server = this.rig.server();
		server.setDeserializer(TcpCodecs.raw(10));
		Inbox inbox = this.rig.inbox(server);
		int port = this.rig.listen(server);
		this.rig.connect(port).write("x".repeat(10)).close();
		assertThat(inbox.nextText()).hasSize(10);
		eventually(() -> assertThat(this.rig.events(server).ofConnections()).endsWith("Close"));
		this.rig.connect(port).write("x".repeat(11));
		eventually(() -> assertThat(this.rig.events(server).ofConnections()).endsWith("Open", "Exception", "Close"));
		assertThat(inbox.isEmpty()).isTrue();
	}

	@Test
	void rawMessageIsNotEndedByATimeout() {
		var server = this.rig.server();
		server.setDeserializer(TcpCodecs.raw());
		server.setSoTimeout(100);
		Inbox inbox = this.rig.inbox(server);
		RawPeer peer = this.rig.connect(this.rig.listen(server)).write("half");
		assertThat(peer.isAtEnd()).isTrue();
		eventually(() -> assertThat(this.rig.events(server).ofConnections()).containsExactly("Open", "Exception",
				"Close"));
		assertThat(inbox.isEmpty()).isTrue();
	}

	@Test
	void largeFramePasses() {
		var server = this.rig.server();
		server.setDeserializer(TcpCodecs.lengthHeader4(2_000_000));
		server.setSerializer(TcpCodecs.lengthHeader4(2_000_000));
		this.rig.echo(server);
		byte[] frame = ByteBuffer.allocate(4 + 2_000_000).putInt(2_000_000).array();
		RawPeer peer = this.rig.connect(this.rig.listen(server)).write(frame);
		assertThat(Arrays.equals(peer.readBytes(frame.length), frame)).isTrue();
	}

	@Test
	void directionsMayBeFramedDifferently() {
		var server = this.rig.server();
		server.setDeserializer(TcpCodecs.lengthHeader2());
		server.setSerializer(TcpCodecs.stxetx());
		this.rig.echo(server);
		RawPeer peer = this.rig.connect(this.rig.listen(server)).write(StockCodec.LENGTH_2.wire("hello"));
		assertThat(peer.read(7)).isEqualTo(StockCodec.STX_ETX.wire("hello"));
	}

}
