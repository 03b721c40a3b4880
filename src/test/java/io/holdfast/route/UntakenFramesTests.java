package io.holdfast.route;

import java.io.IOException;
import java.net.Socket;
import java.util.List;

import io.holdfast.connection.CloseReason;
import io.holdfast.connection.ConnectionInfo;
import io.holdfast.testing.NumberedFrame;
import io.holdfast.testing.UpstreamServer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What is counted of frames that were on their way to a client when it ended, which had
 * read only some of them.
 */
class UntakenFramesTests {

	private static final int FRAME = 16 * 1024;

	/** More than the buffers of both sides and the gateway hold. */
	private static final int FRAMES = 4000;

	@ParameterizedTest
	@EnumSource
	void onlyWhatTheKernelHasTakenIsRelayed(End end) throws IOException {
		try (UpstreamServer server = UpstreamServer.start((content, peer) -> {
			for (int sequence = 0; sequence < FRAMES; sequence++) {
				peer.reply(NumberedFrame.content(sequence, 1, sequence, FRAME));
			}
		});
				RelayRig rig = RelayRig.start(Sharing.DEDICATED, List.of(server.port()), "links.min-idle=0",
						"limits.max-pending-output=1MB", "limits.send-timeout=" + end.sendTimeout)) {
			Socket client = rig.gateway().connect("relay", 32 * 1024);
			RelayRig.send(client, NumberedFrame.content(1, 1, 1, 32));
			for (int sequence = 0; sequence < 10; sequence++) {
				assertThat(NumberedFrame.sequence(RelayRig.receive(client))).isEqualTo(sequence);
			}
			await().until(() -> end == End.SEND_TIMEOUT || unsent(rig) > 256 * 1024);
			end.come(rig, client);
			await().untilAsserted(() -> assertThat(rig.gateway().closeReasons()).containsExactly(end.reason));
			rig.awaitThatCountsAddUp();
			long taken = rig.gateway().listener("relay").traffic().framesOut();
			assertThat(rig.count(Outcome.RELAYED)).as(rig::toString)
				.isEqualTo(taken + rig.upstream().traffic().framesOut());
			assertThat(rig.count(Outcome.UNMATCHED_REPLY)).as(rig::toString).isPositive();
		}
	}

	private static long unsent(RelayRig rig) {
		return rig.gateway().registry().stream().mapToLong(ConnectionInfo::pendingOutput).sum();
	}

	static void reset(Socket client) throws IOException {
		client.setSoLinger(true, 0);
		client.close();
	}

	/**
	 * How the client ends.
	 */
	enum End {

		RESET(CloseReason.PEER_RESET, "1h") {
			@Override
			void come(RelayRig rig, Socket client) throws IOException {
				reset(client);
			}
		},

		SEND_TIMEOUT(CloseReason.SLOW_CONSUMER, "200ms") {
			@Override
			void come(RelayRig rig, Socket client) {
			}
		},

		KILL(CloseReason.KILLED, "1h") {
			@Override
			void come(RelayRig rig, Socket client) throws IOException {
				rig.gateway().registry().close(idOf(rig), CloseReason.KILLED);
				reset(client);
			}
		},

		CUT(CloseReason.DRAINED, "1h") {
			@Override
			void come(RelayRig rig, Socket client) {
				rig.gateway().registry().cut(idOf(rig), CloseReason.DRAINED);
			}
		};

		private final CloseReason reason;

		private final String sendTimeout;

		End(CloseReason reason, String sendTimeout) {
			this.reason = reason;
			this.sendTimeout = sendTimeout;
		}

		abstract void come(RelayRig rig, Socket client) throws IOException;

		private static String idOf(RelayRig rig) {
			return rig.gateway().registry().stream().findFirst().orElseThrow().id();
		}

	}

}
