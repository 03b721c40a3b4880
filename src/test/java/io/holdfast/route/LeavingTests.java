package io.holdfast.route;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.holdfast.connection.CloseReason;
import io.holdfast.connection.ConnectionInfo;
import io.holdfast.connection.ConnectionState;
import io.holdfast.testing.NumberedFrame;
import io.holdfast.testing.UpstreamServer;
import io.holdfast.testing.UpstreamServer.Peer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Clients of a relay that leave in order.
 */
class LeavingTests {

	private static final byte[] GOODBYE = "bye".getBytes(StandardCharsets.US_ASCII);

	private static final String SAYS_GOODBYE = "gateway.protocols.numbered.goodbye.text=bye";

	private final List<byte[]> requests = new CopyOnWriteArrayList<>();

	private final List<Peer> peers = new CopyOnWriteArrayList<>();

	private void keep(byte[] request, Peer peer) {
		this.requests.add(request);
		this.peers.add(peer);
	}

	private void reply() throws IOException {
		for (int i = 0; i < this.requests.size(); i++) {
			this.peers.get(i).reply(this.requests.get(i));
		}
	}

	private static ConnectionInfo only(RelayRig rig) {
		return rig.gateway().registry().stream().findFirst().orElseThrow();
	}

	private static void leave(RelayRig rig) {
		assertThat(rig.gateway().registry().leave(only(rig).id(), CloseReason.DRAINED)).isTrue();
	}

	@ParameterizedTest
	@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "DEDICATED")
	void clientGetsTheRepliesItIsOwedAndThenTheGoodbye(Sharing sharing) throws IOException {
		try (UpstreamServer server = UpstreamServer.start(this::keep);
				RelayRig rig = RelayRig.start(sharing, List.of(server.port()), SAYS_GOODBYE)) {
			Socket client = rig.connect();
			RelayRig.send(client, NumberedFrame.content(1, 1, 1, 32));
			await().until(() -> this.requests.size() == 1);
			leave(rig);
			await().until(() -> only(rig).state() == ConnectionState.DRAINING);
			assertThat(rig.gateway().registry().hasPending(only(rig).id())).isTrue();
			reply();
			assertThat(NumberedFrame.sequence(RelayRig.receive(client))).isEqualTo(1);
			assertThat(RelayRig.receive(client)).isEqualTo(GOODBYE);
			assertThat(client.getInputStream().read()).isEqualTo(-1);
			// a reset would be told here
			RelayRig.send(client, NumberedFrame.content(2, 1, 2, 32));
			client.close();
			await().untilAsserted(() -> assertThat(rig.gateway().closeReasons()).containsExactly(CloseReason.DRAINED));
			assertThat(this.requests).hasSize(1);
			rig.awaitThatCountsAddUp();
		}
	}

	@Test
	void requestThatWaitsBehindTheOneInFlightIsAnsweredBeforeTheClientLeaves() throws IOException {
		try (UpstreamServer server = UpstreamServer.start(this::keep);
				RelayRig rig = RelayRig.start(Sharing.EXCLUSIVE, List.of(server.port()), SAYS_GOODBYE)) {
			Socket client = rig.connect();
			RelayRig.send(client, NumberedFrame.content(1, 1, 1, 32));
			await().until(() -> this.requests.size() == 1);
			RelayRig.send(client, NumberedFrame.content(2, 1, 2, 32));
			leave(rig);
			await().until(() -> only(rig).state() == ConnectionState.DRAINING);
			this.peers.get(0).reply(this.requests.get(0));
			assertThat(NumberedFrame.sequence(RelayRig.receive(client))).isEqualTo(1);
			await().until(() -> this.requests.size() == 2);
			RelayRig.send(client, NumberedFrame.content(3, 1, 3, 32));
			this.peers.get(1).reply(this.requests.get(1));
			assertThat(NumberedFrame.sequence(RelayRig.receive(client))).isEqualTo(2);
			assertThat(RelayRig.receive(client)).isEqualTo(GOODBYE);
			assertThat(client.getInputStream().read()).isEqualTo(-1);
			client.close();
			assertThat(this.requests).hasSize(2);
			rig.awaitThatCountsAddUp();
		}
	}

	@Test
	void clientWhoseReplyDoesNotComeLeavesAfterItsTimeout() throws IOException {
		try (UpstreamServer server = UpstreamServer.start(this::keep);
				RelayRig rig = RelayRig.start(Sharing.PIPELINED, List.of(server.port()),
						RelayRig.answeringFailures("route.reply-timeout=300ms", SAYS_GOODBYE))) {
			Socket client = rig.connect();
			RelayRig.send(client, NumberedFrame.content(1, 1, 1, 32));
			await().until(() -> this.requests.size() == 1);
			leave(rig);
			assertThat(RelayRig.receive(client)).isEqualTo(RelayRig.FAILURE);
			assertThat(RelayRig.receive(client)).isEqualTo(GOODBYE);
			assertThat(client.getInputStream().read()).isEqualTo(-1);
		}
	}

	@Test
	void clientWithALinkOfItsOwnGetsWhatTheServerSendsAtItsEnd() throws IOException {
		try (UpstreamServer server = UpstreamServer.start(this::keep);
				RelayRig rig = RelayRig.start(Sharing.DEDICATED, List.of(server.port()), "links.min-idle=0",
						SAYS_GOODBYE)) {
			Socket client = rig.connect();
			RelayRig.send(client, NumberedFrame.content(1, 1, 1, 32));
			await().until(() -> this.requests.size() == 1);
			reply();
			leave(rig);
			assertThat(NumberedFrame.sequence(RelayRig.receive(client))).isEqualTo(1);
			assertThat(RelayRig.receive(client)).isEqualTo(GOODBYE);
			assertThat(client.getInputStream().read()).isEqualTo(-1);
			client.close();
			await().untilAsserted(() -> assertThat(rig.gateway().closeReasons()).containsExactly(CloseReason.DRAINED));
			await().until(() -> server.open() == 0);
			rig.awaitThatCountsAddUp();
		}
	}

}
