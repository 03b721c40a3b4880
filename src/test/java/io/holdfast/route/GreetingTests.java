package io.holdfast.route;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;

import io.holdfast.testing.NumberedFrame;
import io.holdfast.testing.Scripts;
import io.holdfast.testing.UpstreamServer;
import io.holdfast.transport.EventLoops;
import io.holdfast.transport.Transport;
import io.holdfast.upstream.Eviction;
import org.junit.jupiter.api.Test;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What a server says on a link before a client has it for itself. One loop, so that the
 * client gets the link that was opened before.
 */
class GreetingTests {

	@Test
	void reachesTheClientThatTheLinkIsFor() throws IOException {
		try (UpstreamServer server = UpstreamServer.start(Scripts.echo()); RelayRig rig = start(server.port())) {
			await().until(() -> server.open() == 1);
			server.send(greeting(1, 32));
			server.send(greeting(2, 32));
			await().until(() -> rig.upstream().traffic().framesIn() == 2);
			Socket client = rig.connect();
			assertThat(NumberedFrame.sequence(RelayRig.receive(client))).isEqualTo(1);
			assertThat(NumberedFrame.sequence(RelayRig.receive(client))).isEqualTo(2);
			RelayRig.send(client, greeting(3, 32));
			assertThat(NumberedFrame.sequence(RelayRig.receive(client))).isEqualTo(3);
			rig.awaitCount(Outcome.RELAYED, 4);
			rig.awaitThatCountsAddUp();
		}
	}

	@Test
	void mayHaveComeByHalf() throws IOException {
		try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
				RelayRig rig = start(server.getLocalPort())) {
			try (Socket link = server.accept()) {
				byte[] frame = NumberedFrame.framed(greeting(1, 32));
				link.getOutputStream().write(frame, 0, 10);
				await().until(() -> rig.upstream().traffic().bytesIn() == 10);
				Socket client = rig.connect();
				await().until(() -> rig.upstream().info().links().lent() == 1);
				link.getOutputStream().write(frame, 10, frame.length - 10);
				assertThat(NumberedFrame.sequence(RelayRig.receive(client))).isEqualTo(1);
				rig.awaitThatCountsAddUp();
			}
		}
	}

	@Test
	void isUnmatchedWhenTheServerEndsTheLinkBeforeAClientComes() throws IOException {
		try (UpstreamServer server = UpstreamServer.start(Scripts.echo()); RelayRig rig = start(server.port())) {
			await().until(() -> server.open() == 1);
			server.send(greeting(1, 32));
			await().until(() -> rig.upstream().traffic().framesIn() == 1);
			assertThat(rig.count(Outcome.UNMATCHED_REPLY)).isZero();
			server.closeConnections();
			rig.awaitCount(Outcome.UNMATCHED_REPLY, 1);
			await().until(() -> server.accepted() == 2 && rig.upstream().info().links().idle() == 1);
			rig.awaitThatCountsAddUp();
		}
	}

	@Test
	void isUnmatchedAndEndsItsLinkWhenThereIsTooMuchOfIt() throws IOException {
		try (UpstreamServer server = UpstreamServer.start(Scripts.echo()); RelayRig rig = start(server.port())) {
			await().until(() -> server.open() == 1);
			for (int sequence = 0; sequence < 5; sequence++) {
				server.send(greeting(sequence, 16 * 1024));
			}
			await().until(() -> rig.upstream().info().evicted().getOrDefault(Eviction.UNREAD, 0L) == 1);
			rig.awaitThatCountsAddUp();
			assertThat(rig.count(Outcome.UNMATCHED_REPLY)).isGreaterThanOrEqualTo(4);
		}
	}

	@Test
	void isUnmatchedOnALinkThatNoClientKeeps() throws IOException {
		try (UpstreamServer server = UpstreamServer.start(Scripts.echo());
				RelayRig rig = start(server.port(), "gateway.listeners.other.port=0",
						"gateway.listeners.other.protocol=numbered", "gateway.listeners.other.route.mode=relay",
						"gateway.listeners.other.route.upstream=servers",
						"gateway.listeners.other.route.sharing=exclusive")) {
			await().until(() -> server.open() == 1);
			server.send(greeting(1, 32));
			await().until(() -> rig.upstream().traffic().framesIn() == 1);
			Socket client = rig.gateway().connect("other");
			RelayRig.send(client, greeting(2, 32));
			assertThat(NumberedFrame.sequence(RelayRig.receive(client))).isEqualTo(2);
			rig.awaitCount(Outcome.UNMATCHED_REPLY, 1);
		}
	}

	private static byte[] greeting(int sequence, int size) {
		return NumberedFrame.content(sequence, 1, sequence, size);
	}

	private static RelayRig start(int port, String... settings) {
		String[] all = Arrays.copyOf(settings, settings.length + 1);
		all[settings.length] = "links.min-idle=1";
		return RelayRig.start(OneLoop.class, Sharing.DEDICATED, List.of(port), all);
	}

	@Configuration(proxyBeanMethods = false)
	static class OneLoop {

		@Bean
		@Primary
		EventLoops oneEventLoop(Clock clock) {
			return new EventLoops(Transport.best(), 1, clock, System::nanoTime);
		}

	}

}
