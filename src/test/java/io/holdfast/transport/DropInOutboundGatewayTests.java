package io.holdfast.transport;

import java.io.IOException;
import java.net.ConnectException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.integration.MessageTimeoutException;
import org.springframework.integration.ip.tcp.connection.AbstractClientConnectionFactory;
import org.springframework.integration.ip.tcp.connection.AbstractConnectionFactory;
import org.springframework.integration.ip.tcp.connection.TcpConnectionFailedCorrelationEvent;
import org.springframework.integration.ip.tcp.outbound.TcpOutboundGateway;
import org.springframework.integration.ip.tcp.serializer.TcpCodecs;
import org.springframework.messaging.MessagingException;
import org.springframework.messaging.support.ErrorMessage;
import org.springframework.messaging.support.GenericMessage;
import org.springframework.messaging.support.MessageBuilder;

import static io.holdfast.transport.DropInRig.eventually;
import static io.holdfast.transport.DropInRig.finished;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * What the outbound gateway does on either kind of factory.
 */
@ParameterizedClass
@EnumSource(Kind.class)
class DropInOutboundGatewayTests {

	@RegisterExtension
	private final DropInRig rig;

	private final RawPeer.Port port;

	private final AbstractClientConnectionFactory client;

	private final Inbox replies = new Inbox();

	DropInOutboundGatewayTests(Kind kind) {
		this.rig = new DropInRig(kind);
		this.port = this.rig.port();
		this.client = this.rig.client(this.port.number());
	}

	@Test
	void sharedConnectionCarriesRequestsInTurn() {
		TcpOutboundGateway gateway = this.rig.outboundGateway(this.client, this.replies);
		this.rig.start();
		CompletableFuture<Void> first = request(gateway, "one");
		RawPeer peer = this.rig.accept(this.port);
		assertThat(peer.readLine()).isEqualTo("one");
		CompletableFuture<Void> second = request(gateway, "two");
		peer.write("first\r\n");
		assertThat(this.replies.nextText()).isEqualTo("first");
		assertThat(peer.readLine()).isEqualTo("two");
		peer.write("second\r\n");
		assertThat(this.replies.nextText()).isEqualTo("second");
		finished(List.of(first, second));
		assertThat(this.client.getOpenConnectionIds()).hasSize(1);
	}

	@Test
	void sharedConnectionThatIsBusyForTooLongFailsTheNextRequest() {
		TcpOutboundGateway gateway = this.rig.outboundGateway(this.client, this.replies);
		gateway.setRequestTimeout(50);
		this.rig.start();
		CompletableFuture<Void> first = request(gateway, "one");
		RawPeer peer = this.rig.accept(this.port);
		assertThat(peer.readLine()).isEqualTo("one");
		assertThatExceptionOfType(MessageTimeoutException.class).isThrownBy(send(gateway, "two"));
		peer.write("first\r\n");
		finished(List.of(first));
	}

	@Test
	void singleUseRequestsHaveTheirOwnConnections() {
		this.client.setSingleUse(true);
		TcpOutboundGateway gateway = this.rig.outboundGateway(this.client, this.replies);
		this.rig.start();
		CompletableFuture<Void> first = request(gateway, "one");
		RawPeer firstPeer = this.rig.accept(this.port);
		assertThat(firstPeer.readLine()).isEqualTo("one");
		CompletableFuture<Void> second = request(gateway, "two");
		RawPeer secondPeer = this.rig.accept(this.port);
		assertThat(secondPeer.readLine()).isEqualTo("two");
		secondPeer.write("second\r\n");
		assertThat(this.replies.nextText()).isEqualTo("second");
		assertThat(secondPeer.isAtEnd()).isTrue();
		firstPeer.write("first\r\n");
		assertThat(this.replies.nextText()).isEqualTo("first");
		assertThat(firstPeer.isAtEnd()).isTrue();
		finished(List.of(first, second));
	}

	@Test
	void missingReplyFailsTheRequestAndClosesTheConnection() {
		TcpOutboundGateway gateway = this.rig.outboundGateway(this.client, this.replies);
		gateway.setRemoteTimeout(100);
		this.rig.start();
		assertThatExceptionOfType(MessageTimeoutException.class).isThrownBy(send(gateway, "one"));
		RawPeer peer = this.rig.accept(this.port);
		assertThat(peer.readLine()).isEqualTo("one");
		assertThat(peer.isAtEnd()).isTrue();
		CompletableFuture<Void> next = request(gateway, "two");
		RawPeer nextPeer = this.rig.accept(this.port);
		assertThat(nextPeer.readLine()).isEqualTo("two");
		nextPeer.write("reply\r\n");
		finished(List.of(next));
		assertThat(this.replies.nextText()).isEqualTo("reply");
	}

	@Test
	void softEndBeforeTheReplyFailsTheRequest() {
		TcpOutboundGateway gateway = this.rig.outboundGateway(this.client, this.replies);
		gateway.setRemoteTimeout(500);
		gateway.setSecondChanceDelay(0);
		this.rig.start();
		CompletableFuture<Void> request = request(gateway, "one");
		RawPeer peer = this.rig.accept(this.port);
		assertThat(peer.readLine()).isEqualTo("one");
		peer.close();
		assertThat(failure(request)).isInstanceOf(MessagingException.class);
	}

	@Test
	void endInsideTheReplyFailsTheRequestAtOnce() {
		TcpOutboundGateway gateway = this.rig.outboundGateway(this.client, this.replies);
		gateway.setSecondChanceDelay(0);
		gateway.setRemoteTimeout(60_000);
		this.rig.start();
		CompletableFuture<Void> request = request(gateway, "one");
		RawPeer peer = this.rig.accept(this.port);
		assertThat(peer.readLine()).isEqualTo("one");
		peer.write("half a re").close();
		assertThat(failure(request)).isInstanceOf(MessagingException.class).hasRootCauseInstanceOf(IOException.class);
	}

	@Test
	void resetBeforeTheReplyFailsTheRequestAtOnce() {
		TcpOutboundGateway gateway = this.rig.outboundGateway(this.client, this.replies);
		gateway.setSecondChanceDelay(0);
		gateway.setRemoteTimeout(60_000);
		this.rig.start();
		CompletableFuture<Void> request = request(gateway, "one");
		RawPeer peer = this.rig.accept(this.port);
		assertThat(peer.readLine()).isEqualTo("one");
		peer.reset();
		assertThat(failure(request)).isInstanceOf(MessagingException.class).hasRootCauseInstanceOf(IOException.class);
	}

	@Test
	void closeFromThisSideFailsTheRequest() {
		TcpOutboundGateway gateway = this.rig.outboundGateway(this.client, this.replies);
		gateway.setSecondChanceDelay(0);
		// a reader that had not begun to read takes the close for a soft end
		gateway.setRemoteTimeout(1000);
		this.rig.start();
		CompletableFuture<Void> request = request(gateway, "one");
		RawPeer peer = this.rig.accept(this.port);
		assertThat(peer.readLine()).isEqualTo("one");
		assertThat(this.client.closeConnection(this.client.getOpenConnectionIds().get(0))).isTrue();
		assertThat(failure(request)).isInstanceOf(MessagingException.class);
	}

	@Test
	void socketTimeoutWhileWaitingFailsTheRequest() {
		this.client.setSoTimeout(100);
		TcpOutboundGateway gateway = this.rig.outboundGateway(this.client, this.replies);
		gateway.setSecondChanceDelay(0);
		gateway.setRemoteTimeout(60_000);
		this.rig.start();
		CompletableFuture<Void> request = request(gateway, "one");
		assertThat(failure(request)).isInstanceOf(MessagingException.class).hasRootCauseInstanceOf(IOException.class);
	}

	@Test
	void asynchronousRequestDoesNotHoldTheCaller() {
		TcpOutboundGateway gateway = this.rig.outboundGateway(this.client, this.replies);
		gateway.setAsync(true);
		this.rig.start();
		gateway.handleMessage(new GenericMessage<>("one"));
		RawPeer peer = this.rig.accept(this.port);
		assertThat(peer.readLine()).isEqualTo("one");
		assertThat(this.replies.isEmpty()).isTrue();
		peer.write("reply\r\n");
		assertThat(this.replies.nextText()).isEqualTo("reply");
		gateway.handleMessage(new GenericMessage<>("two"));
		assertThat(peer.readLine()).isEqualTo("two");
	}

	@Test
	void asynchronousRequestWithoutReplyEndsInTheErrorChannel() {
		TcpOutboundGateway gateway = this.rig.outboundGateway(this.client, this.replies);
		gateway.setAsync(true);
		gateway.setRemoteTimeout(100);
		Inbox errors = new Inbox();
		this.rig.start();
		gateway.handleMessage(MessageBuilder.withPayload("one").setErrorChannel(errors).build());
		assertThat(errors.next()).isInstanceOfSatisfying(ErrorMessage.class,
				(error) -> assertThat(error.getPayload()).isInstanceOf(MessageTimeoutException.class));
	}

	@Test
	void lateReplyIsReported() {
		TcpOutboundGateway gateway = this.rig.outboundGateway(this.client, this.replies);
		gateway.setAsync(true);
		gateway.setRemoteTimeout(100);
		this.rig.scheduler().setPoolSize(1);
		Inbox errors = new Inbox();
		this.rig.start();
		gateway.handleMessage(MessageBuilder.withPayload("one").setErrorChannel(errors).build());
		RawPeer peer = this.rig.accept(this.port);
		errors.next();
		// the gateway tells of the timeout just before it forgets the request
		this.rig.awaitScheduled();
		peer.write("late\r\n");
		eventually(() -> assertThat(this.rig.events(this.client).of(TcpConnectionFailedCorrelationEvent.class))
			.singleElement()
			.satisfies((event) -> {
				assertThat(event.getConnectionId()).isEqualTo(this.client.getOpenConnectionIds().get(0));
				assertThat(event.getCause()).isInstanceOf(MessagingException.class);
			}));
	}

	@Test
	void unsolicitedMessageGoesToItsChannel() {
		TcpOutboundGateway gateway = this.rig.outboundGateway(this.client, this.replies);
		Inbox unsolicited = new Inbox();
		gateway.setUnsolicitedMessageChannel(unsolicited);
		this.rig.start();
		CompletableFuture<Void> request = request(gateway, "one");
		RawPeer peer = this.rig.accept(this.port);
		assertThat(peer.readLine()).isEqualTo("one");
		peer.write("reply\r\n");
		finished(List.of(request));
		peer.write("news\r\n");
		assertThat(unsolicited.nextText()).isEqualTo("news");
		assertThat(this.replies.nextText()).isEqualTo("reply");
	}

	@Test
	void requestMayEndWithTheStreamAndTheReplyToo() {
		TcpOutboundGateway gateway = this.rig.outboundGateway(raw(this.client), this.replies);
		gateway.setCloseStreamAfterSend(true);
		this.rig.start();
		CompletableFuture<Void> request = request(gateway, "hello");
		RawPeer peer = this.rig.accept(this.port);
		assertThat(peer.read(100)).isEqualTo("hello");
		peer.write("rep").write("ly").close();
		assertThat(this.replies.nextText()).isEqualTo("reply");
		finished(List.of(request));
		eventually(() -> assertThat(this.client.getOpenConnectionIds()).isEmpty());
	}

	@Test
	void gatewaysTalkToEachOtherWithRawStreams() {
		var server = raw(this.rig.server());
		this.rig.inboundGateway(server, (request) -> request.getPayload());
		var other = raw(this.rig.client(this.rig.listen(server)));
		TcpOutboundGateway gateway = this.rig.outboundGateway(other, this.replies);
		gateway.setCloseStreamAfterSend(true);
		this.rig.start();
		finished(List.of(request(gateway, "hello")));
		assertThat(this.replies.nextText()).isEqualTo("hello");
	}

	@Test
	void refusedConnectReachesTheCaller() {
		TcpOutboundGateway gateway = this.rig.outboundGateway(this.rig.client(this.rig.closedPort()), this.replies);
		this.rig.start();
		assertThatExceptionOfType(MessagingException.class).isThrownBy(send(gateway, "one"))
			.withRootCauseInstanceOf(ConnectException.class);
	}

	private static <T extends AbstractConnectionFactory> T raw(T factory) {
		factory.setSingleUse(true);
		factory.setSerializer(TcpCodecs.raw());
		factory.setDeserializer(TcpCodecs.raw());
		return factory;
	}

	private CompletableFuture<Void> request(TcpOutboundGateway gateway, String text) {
		return this.rig.async(() -> gateway.handleMessage(new GenericMessage<>(text)));
	}

	private static ThrowingCallable send(TcpOutboundGateway gateway, String text) {
		return () -> gateway.handleMessage(new GenericMessage<>(text));
	}

	private static Throwable failure(CompletableFuture<Void> request) {
		return Objects.requireNonNull(catchThrowable(() -> request.get(10, TimeUnit.SECONDS)).getCause());
	}

}
