package io.holdfast.route;

import java.io.IOException;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import io.holdfast.connection.CloseReason;
import io.holdfast.testing.NumberedFrame;
import io.holdfast.testing.Scripts;
import io.holdfast.testing.UpstreamServer;
import io.holdfast.transport.NettyServerConnectionFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.integration.ip.IpHeaders;
import org.springframework.integration.ip.tcp.connection.TcpConnectionInterceptorFactory;
import org.springframework.integration.ip.tcp.connection.TcpConnectionInterceptorFactoryChain;
import org.springframework.integration.ip.tcp.connection.TcpConnectionInterceptorSupport;
import org.springframework.integration.support.MessageBuilder;
import org.springframework.messaging.Message;
import org.springframework.messaging.support.ErrorMessage;
import org.springframework.messaging.support.GenericMessage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Relays of a listener whose connections an application wraps in interceptors.
 */
class InterceptedClientTests {

	@ParameterizedTest
	@EnumSource
	void framesPassTheInterceptorsInBothDirections(Sharing sharing) throws IOException {
		try (UpstreamServer server = UpstreamServer.start(Scripts.echo());
				RelayRig rig = RelayRig.start(Marking.class, sharing, List.of(server.port()))) {
			Socket client = rig.connect();
			for (int sequence = 0; sequence < 3; sequence++) {
				RelayRig.send(client, NumberedFrame.content(1, 1, sequence, 32));
				byte[] reply = RelayRig.receive(client);
				assertThat(NumberedFrame.sequence(reply)).isEqualTo(sequence);
				assertThat(reply[30]).isEqualTo((byte) 'i');
				assertThat(reply[31]).isEqualTo((byte) 'o');
			}
			assertThat(server.received()).allSatisfy((content) -> {
				assertThat(content[30]).isEqualTo((byte) 'i');
				assertThat(content[31]).isEqualTo((byte) 'x');
			});
			client.close();
			await()
				.untilAsserted(() -> assertThat(rig.gateway().closeReasons()).containsExactly(CloseReason.PEER_CLOSED));
			await().until(() -> rig.upstream().info().links().lent() == 0);
			rig.awaitThatCountsAddUp();
		}
	}

	@ParameterizedTest
	@EnumSource(names = "DEDICATED", mode = EnumSource.Mode.EXCLUDE)
	void clientWhoseInterceptorFailsForAReplyIsServedOn(Sharing sharing) throws IOException {
		try (UpstreamServer server = UpstreamServer.start(Scripts.echo());
				RelayRig rig = RelayRig.start(Failing.class, sharing, List.of(server.port()),
						RelayRig.answeringFailures())) {
			Socket client = rig.connect();
			RelayRig.send(client, NumberedFrame.content(1, 1, 1, 32));
			assertThat(RelayRig.receive(client)).isEqualTo(RelayRig.FAILURE);
			RelayRig.send(client, NumberedFrame.content(1, 1, 2, 32));
			assertThat(NumberedFrame.sequence(RelayRig.receive(client))).isEqualTo(2);
			client.shutdownOutput();
			assertThat(client.getInputStream().read()).isEqualTo(-1);
			await()
				.untilAsserted(() -> assertThat(rig.gateway().closeReasons()).containsExactly(CloseReason.PEER_CLOSED));
			rig.awaitCount(Outcome.REFUSED, 1);
			rig.awaitCount(Outcome.REPLIED, 1);
			rig.awaitThatCountsAddUp();
		}
	}

	private static BeanPostProcessor intercepting(TcpConnectionInterceptorFactory interceptors) {
		return new BeanPostProcessor() {

			@Override
			public Object postProcessBeforeInitialization(Object bean, String beanName) {
				if (bean instanceof NettyServerConnectionFactory server && beanName.equals("relay.server")) {
					TcpConnectionInterceptorFactoryChain chain = new TcpConnectionInterceptorFactoryChain();
					chain.setInterceptor(interceptors);
					server.setInterceptorFactoryChain(chain);
				}
				return bean;
			}

		};
	}

	/** Writes into each frame which way it went, and has an id of its own. */
	static class Marking {

		@Bean
		static BeanPostProcessor marking(ApplicationEventPublisher events) {
			return intercepting(() -> new TcpConnectionInterceptorSupport(events) {

				@Override
				public String getConnectionId() {
					return "marked:" + super.getConnectionId();
				}

				@Override
				public void onMessage(Message<?> message) {
					if (message instanceof ErrorMessage) {
						super.onMessage(message);
						return;
					}
					byte[] frame = (byte[]) message.getPayload();
					frame[30] = 'i';
					super.onMessage(MessageBuilder.withPayload(frame)
						.copyHeaders(message.getHeaders())
						.setHeader(IpHeaders.ACTUAL_CONNECTION_ID, super.getConnectionId())
						.setHeader(IpHeaders.CONNECTION_ID, getConnectionId())
						.build());
				}

				@Override
				public void send(Message<?> message) {
					byte[] frame = (byte[]) message.getPayload();
					frame[31] = 'o';
					super.send(new GenericMessage<>(frame));
				}

			});
		}

	}

	/** Fails for the first frame to a client. */
	static class Failing {

		@Bean
		static BeanPostProcessor failing(ApplicationEventPublisher events) {
			AtomicInteger sent = new AtomicInteger();
			return intercepting(() -> new TcpConnectionInterceptorSupport(events) {

				@Override
				public void send(Message<?> message) {
					if (sent.getAndIncrement() == 0) {
						throw new IllegalStateException("not this one");
					}
					super.send(message);
				}

			});
		}

	}

}
