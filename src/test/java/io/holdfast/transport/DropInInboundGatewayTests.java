package io.holdfast.transport;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.integration.ip.IpHeaders;
import org.springframework.integration.ip.tcp.connection.TcpConnectionFailedCorrelationEvent;
import org.springframework.integration.ip.tcp.inbound.TcpInboundGateway;
import org.springframework.integration.ip.tcp.outbound.TcpOutboundGateway;
import org.springframework.integration.ip.tcp.outbound.TcpSendingMessageHandler;
import org.springframework.integration.ip.tcp.serializer.TcpCodecs;
import org.springframework.integration.support.MessageBuilder;
import org.springframework.messaging.Message;
import org.springframework.messaging.support.GenericMessage;

import static io.holdfast.transport.DropInRig.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

/**
 * What the inbound gateway does on either kind of factory.
 */
@ParameterizedClass
@EnumSource(Kind.class)
@ExtendWith(OutputCaptureExtension.class)
class DropInInboundGatewayTests {

	@RegisterExtension
	private final DropInRig rig;

	DropInInboundGatewayTests(Kind kind) {
		this.rig = new DropInRig(kind);
	}

	@Test
	void requestIsAnsweredOnItsConnection() {
		var server = this.rig.server();
		this.rig.inboundGateway(server, DropInInboundGatewayTests::shout);
		int port = this.rig.listen(server);
		RawPeer first = this.rig.connect(port);
		RawPeer second = this.rig.connect(port);
		assertThat(first.write("one\r\n").readLine()).isEqualTo("ONE");
		assertThat(second.write("two\r\n").readLine()).isEqualTo("TWO");
		assertThat(first.write("three\r\n").readLine()).isEqualTo("THREE");
	}

	@Test
	void pipelinedRequestsAreAnsweredInOrder() {
		var server = this.rig.server();
		this.rig.inboundGateway(server, DropInInboundGatewayTests::shout);
		RawPeer peer = this.rig.connect(this.rig.listen(server));
		peer.write("a\r\nb\r\nc\r\nd\r\n");
		assertThat(List.of(peer.readLine(), peer.readLine(), peer.readLine(), peer.readLine())).containsExactly("A",
				"B", "C", "D");
	}

	@Test
	void flowsThatWaitDoNotHoldUpOtherConnections() {
		var server = this.rig.server();
		server.setBacklog(50);
		CountDownLatch waiting = new CountDownLatch(16);
		CountDownLatch release = new CountDownLatch(1);
		this.rig.inboundGateway(server, (request) -> {
			if (text(request).equals("wait")) {
				waiting.countDown();
				DropInRig.await(release);
			}
			return text(request);
		});
		int port = this.rig.listen(server);
		try {
			List<RawPeer> waiters = IntStream.range(0, 16)
				.mapToObj((i) -> this.rig.connect(port).write("wait\r\n"))
				.toList();
			DropInRig.await(waiting);
			assertThat(this.rig.connect(port).write("hello\r\n").readLine()).isEqualTo("hello");
			release.countDown();
			assertThat(waiters).allSatisfy((waiter) -> assertThat(waiter.readLine()).isEqualTo("wait"));
		}
		finally {
			release.countDown();
		}
	}

	@Test
	void requestIsPassedOnThroughAnOutboundGateway() {
		var upstream = this.rig.server();
		this.rig.inboundGateway(upstream, DropInInboundGatewayTests::shout);
		Inbox replies = new Inbox();
		TcpOutboundGateway relay = this.rig.outboundGateway(this.rig.client(this.rig.listen(upstream)), replies);
		var server = this.rig.server();
		this.rig.inboundGateway(server, (request) -> {
			relay.handleMessage(new GenericMessage<>(request.getPayload()));
			return replies.nextText();
		});
		RawPeer peer = this.rig.connect(this.rig.listen(server));
		assertThat(peer.write("one\r\n").readLine()).isEqualTo("ONE");
		assertThat(peer.write("two\r\n").readLine()).isEqualTo("TWO");
	}

	@Test
	void flowWithoutAReplySendsNothing() {
		var server = this.rig.server();
		TcpInboundGateway gateway = this.rig.inboundGateway(server,
				(request) -> text(request).equals("quiet") ? null : text(request));
		gateway.setReplyTimeout(0);
		RawPeer peer = this.rig.connect(this.rig.listen(server)).write("quiet\r\nloud\r\n");
		assertThat(peer.readLine()).isEqualTo("loud");
	}

	@Test
	void flowThatFailsLeavesTheConnectionOpen() {
		var server = this.rig.server();
		this.rig.inboundGateway(server, (request) -> {
			if (text(request).equals("bad")) {
				throw new IllegalStateException("bad request");
			}
			return text(request);
		});
		RawPeer peer = this.rig.connect(this.rig.listen(server)).write("bad\r\ngood\r\n");
		assertThat(peer.readLine()).isEqualTo("good");
		assertThat(this.rig.events(server).ofConnections()).containsExactly("Open");
	}

	@Test
	void replyForAConnectionThatWasClosedIsReported() {
		var server = this.rig.server();
		this.rig.inboundGateway(server, (request) -> {
			server.closeConnection(id(request));
			return "too late";
		});
		RawPeer peer = this.rig.connect(this.rig.listen(server)).write("hello\r\n");
		assertThat(peer.isAtEnd()).isTrue();
		eventually(
				() -> assertThat(this.rig.events(server).of(TcpConnectionFailedCorrelationEvent.class)).singleElement()
					.satisfies((event) -> assertThat(event.getConnectionId()).startsWith(DropInRig.HOST)));
	}

	@Test
	void repliesThatCannotBeSentCauseNoStackTraces(CapturedOutput output) {
		assumeFalse(this.rig.isStock());
		var server = this.rig.server();
		server.setSerializer(TcpCodecs.lengthHeader1());
		this.rig.inboundGateway(server, (request) -> new byte[300]);
		int port = this.rig.listen(server);
		for (int i = 0; i < 20; i++) {
			assertThat(this.rig.connect(port).write("hello\r\n").isAtEnd()).isTrue();
		}
		eventually(() -> assertThat(output.getAll()).contains("cannot send a reply", "more of this kind"));
		assertThat(output.getAll()).doesNotContain("\tat ");
	}

	@Test
	void singleUseServerClosesAfterTheReply() {
		var server = this.rig.server();
		server.setSingleUse(true);
		this.rig.inboundGateway(server, DropInInboundGatewayTests::shout);
		RawPeer peer = this.rig.connect(this.rig.listen(server)).write("hello\r\n");
		assertThat(peer.readLine()).isEqualTo("HELLO");
		assertThat(peer.isAtEnd()).isTrue();
	}

	@Test
	void requestThatEndsWithTheStreamIsAnswered() {
		var server = this.rig.server();
		server.setSingleUse(true);
		server.setDeserializer(TcpCodecs.raw());
		server.setSerializer(TcpCodecs.raw());
		this.rig.inboundGateway(server, DropInInboundGatewayTests::shout);
		RawPeer peer = this.rig.connect(this.rig.listen(server)).write("hel").write("lo");
		peer.finish();
		assertThat(peer.read(5)).isEqualTo("HELLO");
		assertThat(peer.isAtEnd()).isTrue();
	}

	@Test
	void requestsBeforeTheStreamEndsAreAnswered() {
		var server = this.rig.server();
		this.rig.inboundGateway(server, DropInInboundGatewayTests::shout);
		RawPeer peer = this.rig.connect(this.rig.listen(server)).write("one\r\ntwo\r\n");
		peer.finish();
		assertThat(List.of(peer.readLine(), peer.readLine())).containsExactly("ONE", "TWO");
		assertThat(peer.isAtEnd()).isTrue();
		eventually(() -> assertThat(this.rig.events(server).ofConnections()).containsExactly("Open", "Exception",
				"Close"));
	}

	@Test
	void largeReplyReachesAPeerThatHasFinished() {
		var server = this.rig.server();
		server.setSerializer(TcpCodecs.lengthHeader4());
		this.rig.inboundGateway(server, (request) -> new byte[8_000_000]);
		RawPeer peer = this.rig.connect(this.rig.listen(server)).write("request\r\n");
		peer.finish();
		assertThat(peer.readBytes(8_000_010)).hasSize(8_000_004);
	}

	@Test
	void serverSendsUnsolicitedMessagesBesideTheGateway() {
		var server = this.rig.server();
		this.rig.inboundGateway(server, DropInInboundGatewayTests::shout);
		TcpSendingMessageHandler sender = this.rig.sender(server);
		RawPeer peer = this.rig.connect(this.rig.listen(server));
		assertThat(peer.write("hello\r\n").readLine()).isEqualTo("HELLO");
		sender.handleMessage(MessageBuilder.withPayload("news")
			.setHeader(IpHeaders.CONNECTION_ID, server.getOpenConnectionIds().get(0))
			.build());
		assertThat(peer.readLine()).isEqualTo("news");
	}

	@Test
	void gatewayAboutToShutDownAnswersNoMore() {
		var server = this.rig.server();
		TcpInboundGateway gateway = this.rig.inboundGateway(server, DropInInboundGatewayTests::shout);
		RawPeer peer = this.rig.connect(this.rig.listen(server));
		assertThat(peer.write("one\r\n").readLine()).isEqualTo("ONE");
		gateway.beforeShutdown();
		peer.write("two\r\n").finish();
		assertThat(peer.isAtEnd()).isTrue();
		gateway.afterShutdown();
		assertThat(server.isRunning()).isFalse();
	}

	private static String shout(Message<?> request) {
		return text(request).toUpperCase(Locale.ROOT);
	}

	private static String text(Message<?> message) {
		return new String((byte[]) message.getPayload(), StandardCharsets.UTF_8);
	}

	private static String id(Message<?> message) {
		return String.valueOf(message.getHeaders().get(IpHeaders.CONNECTION_ID));
	}

}
