package io.holdfast.route;

import java.io.IOException;
import java.net.Socket;
import java.util.List;
import java.util.Locale;

import io.holdfast.testing.NumberedFrame;
import io.holdfast.testing.Scripts;
import io.holdfast.testing.UpstreamServer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Frames that an upstream sends of its own accord, on a link that is idle and on one with
 * a request in flight.
 */
class UnmatchedFramesTests {

	private static final byte[] NEWS = NumberedFrame.content(4711, 99, 1, 32);

	@ParameterizedTest
	@EnumSource(names = "DEDICATED", mode = EnumSource.Mode.EXCLUDE)
	void areDroppedAndCounted(Sharing sharing) throws IOException {
		try (UpstreamServer server = UpstreamServer.start(Scripts.silent());
				RelayRig rig = start(sharing, server, Unmatched.DROP)) {
			Socket client = rig.connect();
			server.send(NEWS);
			rig.awaitCount(Outcome.UNMATCHED_REPLY, 1);
			RelayRig.send(client, NumberedFrame.content(1, 1, 1, 32));
			await().until(() -> server.count() == 1);
			server.send(NEWS);
			rig.awaitCount(Outcome.UNMATCHED_REPLY, 2);
			server.send(server.received().get(0));
			assertThat(NumberedFrame.sequence(RelayRig.receive(client))).isEqualTo(1);
			assertThat(server.accepted()).isEqualTo(1);
			rig.awaitThatCountsAddUp();
		}
	}

	@ParameterizedTest
	@EnumSource(names = "DEDICATED", mode = EnumSource.Mode.EXCLUDE)
	void closeTheirLinkWhereToldTo(Sharing sharing) throws IOException {
		try (UpstreamServer server = UpstreamServer.start(Scripts.silent());
				RelayRig rig = start(sharing, server, Unmatched.CLOSE)) {
			server.send(NEWS);
			await().until(() -> server.accepted() == 2);
			Socket client = rig.connect();
			RelayRig.send(client, NumberedFrame.content(1, 1, 1, 32));
			await().until(() -> server.count() == 1);
			server.send(NEWS);
			assertThat(RelayRig.receive(client)).isEqualTo(RelayRig.FAILURE);
			rig.awaitCount(Outcome.LINK_LOST, 1);
			rig.awaitThatCountsAddUp();
		}
	}

	@ParameterizedTest
	@EnumSource(names = "DEDICATED", mode = EnumSource.Mode.EXCLUDE)
	void reachAllClientsWhereToldTo(Sharing sharing) throws IOException {
		try (UpstreamServer server = UpstreamServer.start(Scripts.silent());
				RelayRig rig = start(sharing, server, Unmatched.BROADCAST)) {
			List<Socket> clients = List.of(rig.connect(), rig.connect(), rig.connect());
			await().until(() -> rig.gateway().registry().count() == clients.size());
			server.send(NEWS);
			for (Socket client : clients) {
				assertThat(RelayRig.receive(client)).isEqualTo(NEWS);
			}
			rig.awaitThatCountsAddUp();
		}
	}

	private static RelayRig start(Sharing sharing, UpstreamServer server, Unmatched unmatched) {
		RelayRig rig = RelayRig.start(sharing, List.of(server.port()), RelayRig.answeringFailures("links.max=1",
				"links.min-idle=1", "route.unmatched=" + unmatched.name().toLowerCase(Locale.ROOT)));
		await().until(() -> server.open() == 1);
		return rig;
	}

}
