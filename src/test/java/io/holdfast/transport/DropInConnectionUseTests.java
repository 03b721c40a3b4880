package io.holdfast.transport;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.integration.ip.tcp.connection.TcpConnectionFailedEvent;
import org.springframework.integration.ip.tcp.inbound.TcpInboundGateway;
import org.springframework.integration.ip.tcp.inbound.TcpReceivingChannelAdapter;
import org.springframework.integration.ip.tcp.outbound.TcpSendingMessageHandler;
import org.springframework.integration.ip.tcp.serializer.TcpCodecs;
import org.springframework.messaging.support.GenericMessage;

import static io.holdfast.transport.DropInRig.eventually;
import static io.holdfast.transport.DropInRig.finished;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;

/**
 * Who opens a connection, how long it is used, and what happens to messages that nobody
 * waits for.
 */
@ParameterizedClass
@EnumSource(Kind.class)
@ExtendWith(OutputCaptureExtension.class)
class DropInConnectionUseTests {

	@RegisterExtension
	private final DropInRig rig;

	DropInConnectionUseTests(Kind kind) {
		this.rig = new DropInRig(kind);
	}

	@Test
	void receiverInClientModeConnectsAtItsStart() {
		RawPeer.Port port = this.rig.port();
		var client = this.rig.client(port.number());
		TcpReceivingChannelAdapter receiver = this.rig.receiver(client);
		receiver.setClientMode(true);
		Inbox inbox = new Inbox();
		receiver.setOutputChannel(inbox);
		this.rig.start();
		RawPeer peer = this.rig.accept(port).write("hello\r\n");
		assertThat(inbox.nextText()).isEqualTo("hello");
		// a frame may come before the thread that connects has noted that it is
		eventually(() -> assertThat(receiver.isClientModeConnected()).isTrue());
		peer.close();
		eventually(() -> assertThat(receiver.isClientModeConnected()).isFalse());
		receiver.retryConnection();
		assertThat(receiver.isClientModeConnected()).isTrue();
		this.rig.accept(port).write("again\r\n");
		assertThat(inbox.nextText()).isEqualTo("again");
		eventually(() -> assertThat(this.rig.events(client).ofConnections()).containsExactly("Open", "Exception",
				"Close", "Open"));
	}

	@Test
	void senderInClientModeConnectsAtItsStart() {
		RawPeer.Port port = this.rig.port();
		TcpSendingMessageHandler sender = this.rig.sender(this.rig.client(port.number()));
		sender.setClientMode(true);
		this.rig.start();
		RawPeer peer = this.rig.accept(port);
		eventually(() -> assertThat(sender.isClientModeConnected()).isTrue());
		sender.handleMessage(new GenericMessage<>("hello"));
		assertThat(peer.readLine()).isEqualTo("hello");
	}

	@Test
	void gatewayInClientModeAnswersTheServerItConnectsTo() {
		RawPeer.Port port = this.rig.port();
		TcpInboundGateway gateway = this.rig.inboundGateway(this.rig.client(port.number()),
				(request) -> request.getPayload());
		gateway.setClientMode(true);
		this.rig.start();
		assertThat(this.rig.accept(port).write("hello\r\n").readLine()).isEqualTo("hello");
		assertThat(gateway.isClientModeConnected()).isTrue();
	}

	@Test
	void clientModeRetriesUntilTheServerIsThere() {
		int port = this.rig.closedPort();
		var client = this.rig.client(port);
		TcpReceivingChannelAdapter receiver = this.rig.receiver(client);
		receiver.setClientMode(true);
		receiver.setRetryInterval(20);
		Inbox inbox = new Inbox();
		receiver.setOutputChannel(inbox);
		this.rig.start();
		eventually(() -> assertThat(this.rig.events(client).of(TcpConnectionFailedEvent.class)).hasSizeGreaterThan(1));
		assertThat(receiver.isClientModeConnected()).isFalse();
		this.rig.accept(this.rig.port(port)).write("hello\r\n");
		assertThat(inbox.nextText()).isEqualTo("hello");
	}

	@Test
	void singleUseClientConnectsForEachMessageAndCloses() {
		RawPeer.Port port = this.rig.port();
		var client = this.rig.client(port.number());
		client.setSingleUse(true);
		TcpSendingMessageHandler sender = this.rig.sender(client);
		this.rig.start();
		for (String text : List.of("one", "two")) {
			sender.handleMessage(new GenericMessage<>(text));
			RawPeer peer = this.rig.accept(port);
			assertThat(peer.readLine()).isEqualTo(text);
			assertThat(peer.isAtEnd()).isTrue();
		}
	}

	@Test
	void singleUseClientWithAReceiverClosesAfterTheReply() {
		RawPeer.Port port = this.rig.port();
		var client = this.rig.client(port.number());
		client.setSingleUse(true);
		TcpSendingMessageHandler sender = this.rig.sender(client);
		Inbox inbox = this.rig.inbox(client);
		this.rig.start();
		sender.handleMessage(new GenericMessage<>("one"));
		RawPeer peer = this.rig.accept(port);
		assertThat(peer.readLine()).isEqualTo("one");
		assertThat(client.getOpenConnectionIds()).hasSize(1);
		peer.write("reply\r\n");
		assertThat(inbox.nextText()).isEqualTo("reply");
		assertThat(peer.isAtEnd()).isTrue();
	}

	@Test
	void singleUseServerWithoutASenderClosesAfterTheMessage() {
		var server = this.rig.server();
		server.setSingleUse(true);
		Inbox inbox = this.rig.inbox(server);
		RawPeer peer = this.rig.connect(this.rig.listen(server)).write("hello\r\n");
		assertThat(inbox.nextText()).isEqualTo("hello");
		assertThat(peer.isAtEnd()).isTrue();
	}

	@Test
	void singleUseServerWithASenderClosesAfterTheReply() {
		var server = this.rig.server();
		server.setSingleUse(true);
		this.rig.echo(server);
		RawPeer peer = this.rig.connect(this.rig.listen(server)).write("hello\r\n");
		assertThat(peer.readLine()).isEqualTo("hello");
		assertThat(peer.isAtEnd()).isTrue();
	}

	@Test
	void rawMessagesTravelOnSingleUseConnections() {
		var server = this.rig.server();
		server.setDeserializer(TcpCodecs.raw());
		Inbox inbox = this.rig.inbox(server);
		var client = this.rig.client(this.rig.listen(server));
		client.setSingleUse(true);
		client.setSerializer(TcpCodecs.raw());
		TcpSendingMessageHandler sender = this.rig.sender(client);
		this.rig.start();
		sender.handleMessage(new GenericMessage<>("one"));
		assertThat(inbox.nextText()).isEqualTo("one");
		sender.handleMessage(new GenericMessage<>("two"));
		assertThat(inbox.nextText()).isEqualTo("two");
	}

	@Test
	void messageForAClientWithoutReceiverIsDroppedWithAWarning(CapturedOutput output) {
		RawPeer.Port port = this.rig.port();
		var client = this.rig.client(port.number());
		TcpSendingMessageHandler sender = this.rig.sender(client);
		this.rig.start();
		sender.handleMessage(new GenericMessage<>("one"));
		RawPeer peer = this.rig.accept(port).write("unexpected\r\n");
		eventually(() -> assertThat(output.getOut()
			.lines()
			.filter((line) -> line.contains("WARN") && line.contains(client.getOpenConnectionIds().get(0))))
			.hasSize(1));
		sender.handleMessage(new GenericMessage<>("two"));
		assertThat(List.of(peer.readLine(), peer.readLine())).containsExactly("one", "two");
		assertThat(this.rig.events(client).ofConnections()).containsExactly("Open");
	}

	@Test
	void eachDirectionMayBeShutDownAlone() throws Exception {
		RawPeer.Port port = this.rig.port();
		var client = this.rig.client(port.number());
		Inbox inbox = this.rig.inbox(client);
		this.rig.start();
		var connection = client.getConnection();
		connection.send(new GenericMessage<>("last"));
		connection.shutdownOutput();
		RawPeer peer = this.rig.accept(port);
		assertThat(peer.readLine()).isEqualTo("last");
		assertThat(peer.isAtEnd()).isTrue();
		peer.write("reply\r\n");
		assertThat(inbox.nextText()).isEqualTo("reply");
		assertThat(this.rig.events(client).ofConnections()).containsExactly("Open");
		connection.shutdownInput();
		eventually(() -> assertThat(this.rig.events(client).ofConnections()).containsExactly("Open", "Exception",
				"Close"));
	}

	@Test
	void whatWasSentReachesASlowPeerBeforeTheEnd() throws Exception {
		RawPeer.Port port = this.rig.port();
		var client = this.rig.client(port.number());
		client.setSerializer(TcpCodecs.lengthHeader4());
		this.rig.start();
		var connection = client.getConnection();
		RawPeer peer = this.rig.accept(port);
		var sending = this.rig.async(() -> {
			connection.send(new GenericMessage<>(new byte[8_000_000]));
			assertThatNoException().isThrownBy(connection::shutdownOutput);
		});
		assertThat(peer.readBytes(8_000_010)).hasSize(8_000_004);
		finished(List.of(sending));
	}

}
