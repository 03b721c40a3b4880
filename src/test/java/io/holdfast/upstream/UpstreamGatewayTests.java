package io.holdfast.upstream;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import io.holdfast.testing.NumberedFrame;
import io.holdfast.testing.Scripts;
import io.holdfast.testing.UpstreamServer;
import io.holdfast.testing.UpstreamServer.Script;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import org.springframework.integration.MessageTimeoutException;
import org.springframework.integration.channel.QueueChannel;
import org.springframework.integration.ip.tcp.outbound.TcpOutboundGateway;
import org.springframework.messaging.Message;
import org.springframework.messaging.MessagingException;
import org.springframework.messaging.support.GenericMessage;
import org.springframework.messaging.support.MessageBuilder;

import static io.holdfast.upstream.TestUpstream.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * Spring Integration's outbound gateway on an upstream.
 */
class UpstreamGatewayTests {

	@RegisterExtension
	private final TestUpstream upstreams = new TestUpstream();

	private final UpstreamServer server = this.upstreams.server(Scripts.echo());

	@Test
	void replyGoesToTheOutputChannel() {
		Upstream upstream = this.upstreams.start(TestSettings.to(this.server));
		TcpOutboundGateway gateway = new TestFlows(this.upstreams, upstream).gateway();
		QueueChannel replies = new QueueChannel();
		gateway.setOutputChannel(replies);
		gateway.handleMessage(new GenericMessage<>(new byte[] { 1, 2, 3 }));
		assertThat(payload(replies)).containsExactly(1, 2, 3);
		eventually(() -> assertThat(upstream.info().links()).isEqualTo(new UpstreamInfo.Links(1, 0, 1, 0, 8, 0)));
	}

	@Test
	void callersThatShareLinksGetEachItsOwnReply() {
		Upstream upstream = this.upstreams.start(TestSettings.to(this.server).max(2));
		TestFlows flows = new TestFlows(this.upstreams, upstream);
		TcpOutboundGateway gateway = flows.gateway();
		List<CompletableFuture<Void>> callers = IntStream.range(0, 8).mapToObj((client) -> flows.async(() -> {
			for (int i = 0; i < 50; i++) {
				byte[] request = NumberedFrame.content(i, client, i, 20);
				assertThat(exchange(gateway, request)).isEqualTo(request);
			}
		})).toList();
		callers.forEach((caller) -> assertThat(caller).succeedsWithin(Duration.ofSeconds(20)));
		assertThat(this.server.accepted()).isLessThanOrEqualTo(2);
		assertThat(this.server.count()).isEqualTo(400);
		assertThat(upstream.info().evicted()).isEmpty();
	}

	@Test
	void linkWithoutAReplyInTimeIsClosedAndReplaced() {
		this.server.script(Scripts.silent());
		Upstream upstream = this.upstreams.start(TestSettings.to(this.server).max(1));
		TcpOutboundGateway gateway = new TestFlows(this.upstreams, upstream).gateway();
		gateway.setRemoteTimeout(50);
		assertThatExceptionOfType(MessageTimeoutException.class).isThrownBy(() -> exchange(gateway, new byte[1]));
		eventually(() -> assertThat(upstream.info().links().open()).isZero());
		assertThat(upstream.info().evicted()).isEqualTo(Map.of(Eviction.TIMED_OUT, 1L));
		this.server.script(Scripts.echo());
		gateway.setRemoteTimeout(60_000);
		assertThat(exchange(gateway, new byte[] { 7 })).containsExactly(7);
		assertThat(this.server.accepted()).isEqualTo(2);
	}

	@Test
	void endpointThatDoesNotReplyIsEjected() {
		UpstreamServer silent = this.upstreams.server(Scripts.silent());
		Upstream upstream = this.upstreams
			.warm(TestSettings.to(silent, this.server).minIdle(2).eject(2, Duration.ofHours(1)));
		TcpOutboundGateway gateway = new TestFlows(this.upstreams, upstream).gateway();
		gateway.setRemoteTimeout(50);
		eventually(() -> {
			Throwable failure = catchThrowable(() -> exchange(gateway, new byte[1]));
			assertThat(failure == null || failure instanceof MessageTimeoutException).isTrue();
			assertThat(upstream.info().endpoints().get(0).state()).isEqualTo(EndpointInfo.State.EJECTED);
		});
		gateway.setRemoteTimeout(60_000);
		for (int i = 0; i < 10; i++) {
			assertThat(exchange(gateway, new byte[] { 7 })).containsExactly(7);
		}
	}

	@Test
	void endpointThatRepliesIsTrustedAgain() {
		Upstream upstream = this.upstreams.start(TestSettings.to(this.server).eject(2, Duration.ofHours(1)));
		Link link = this.upstreams.borrow(upstream);
		link.timedOut(this);
		link.timedOut(this);
		assertThat(upstream.info().down()).isTrue();
		exchange(new TestFlows(this.upstreams, upstream).gateway(), new byte[1]);
		assertThat(upstream.info().down()).isFalse();
		assertThat(upstream.info().endpoints().get(0).failures()).isZero();
	}

	@Test
	void lostLinkFailsItsRequestAtOnceAndSpeaksAgainstItsEndpoint() throws Exception {
		this.server.script((content, peer) -> peer.reset());
		Upstream upstream = this.upstreams.start(TestSettings.to(this.server).max(1));
		TestFlows flows = new TestFlows(this.upstreams, upstream);
		TcpOutboundGateway gateway = flows.gateway();
		for (int i = 1; i <= 100; i++) {
			CompletableFuture<Void> request = flows.async(() -> exchange(gateway, new byte[1]));
			assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> request.get(10, TimeUnit.SECONDS))
				.withCauseInstanceOf(MessagingException.class)
				.withRootCauseInstanceOf(IOException.class);
			int failures = i;
			eventually(() -> assertThat(upstream.info().endpoints().get(0).failures()).isEqualTo(failures));
		}
		assertThat(upstream.info().links().lent()).isZero();
	}

	@Test
	void requestThatCannotBeSentClosesItsLinkAndSpeaksAgainstNobody() {
		Upstream upstream = this.upstreams.start(TestSettings.to(this.server).max(1));
		TcpOutboundGateway gateway = new TestFlows(this.upstreams, upstream).gateway();
		for (int i = 0; i < 20; i++) {
			assertThatExceptionOfType(MessagingException.class)
				.isThrownBy(() -> exchange(gateway, new byte[TestUpstream.MAX_FRAME + 1]));
			assertThat(exchange(gateway, new byte[] { 7 })).containsExactly(7);
		}
		assertThat(upstream.info().endpoints().get(0).failures()).isZero();
		assertThat(upstream.info().evicted()).isEmpty();
	}

	@Test
	void serverThatClosesAfterEachReplyServesAllRequests() {
		this.server.script(Scripts.closesAfterReply());
		Upstream upstream = this.upstreams.start(TestSettings.to(this.server).max(2).eject(1, Duration.ofHours(1)));
		TestFlows flows = new TestFlows(this.upstreams, upstream);
		TcpOutboundGateway gateway = flows.gateway();
		for (int i = 0; i < 50; i++) {
			byte[] request = NumberedFrame.content(i, 0, i, 20);
			assertThat(exchange(gateway, request)).isEqualTo(request);
			eventually(() -> assertThat(upstream.info().links().open()).isZero());
		}
		assertThat(upstream.info().endpoints().get(0).failures()).isZero();
	}

	@Test
	void replyThatComesTooLateIsNobodyElses() {
		this.server.script(replyingToTheFirstWithTheSecond());
		Upstream upstream = this.upstreams.start(TestSettings.to(this.server).max(1));
		TcpOutboundGateway gateway = new TestFlows(this.upstreams, upstream).gateway();
		gateway.setAsync(true);
		gateway.setRemoteTimeout(50);
		QueueChannel errors = new QueueChannel();
		gateway.handleMessage(MessageBuilder.withPayload(new byte[] { 1 }).setErrorChannel(errors).build());
		assertThat(received(errors).getPayload()).isInstanceOf(MessageTimeoutException.class);
		QueueChannel replies = new QueueChannel();
		gateway.setRemoteTimeout(60_000);
		gateway.handleMessage(MessageBuilder.withPayload(new byte[] { 2 }).setReplyChannel(replies).build());
		assertThat(payload(replies)).containsExactly(2);
	}

	@Test
	void closingAConnectionThatWasGivenBackDoesNotCloseTheLinkOfAnother() throws Exception {
		Upstream upstream = this.upstreams.start(TestSettings.to(this.server).max(1));
		TestFlows flows = new TestFlows(this.upstreams, upstream);
		var connection = flows.connections().getConnection();
		connection.close();
		eventually(() -> assertThat(upstream.info().links().idle()).isEqualTo(1));
		Link link = this.upstreams.borrow(upstream);
		flows.connections().forceClose(connection);
		TestUser user = TestUser.of(link);
		user.send(new byte[] { 9 });
		assertThat(user.frame()).containsExactly(9);
		assertThat(upstream.info().evicted()).isEmpty();
	}

	/** Echoes, but the first request of a connection only when the second has come. */
	private static Script replyingToTheFirstWithTheSecond() {
		return (content, peer) -> {
			if (peer.frames() == 2) {
				peer.reply(new byte[] { 1 });
			}
			if (content[0] == 2) {
				peer.reply(content);
			}
		};
	}

	private static byte[] exchange(TcpOutboundGateway gateway, byte[] request) {
		QueueChannel replies = new QueueChannel();
		gateway.handleMessage(MessageBuilder.withPayload(request).setReplyChannel(replies).build());
		return payload(replies);
	}

	private static byte[] payload(QueueChannel channel) {
		return (byte[]) received(channel).getPayload();
	}

	private static Message<?> received(QueueChannel channel) {
		return Objects.requireNonNull(channel.receive(10_000), "no message has come");
	}

}
