package io.holdfast.transport;

import java.nio.charset.StandardCharsets;
import java.util.List;

import io.holdfast.framing.Line;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static io.holdfast.transport.DropInRig.eventually;
import static org.assertj.core.api.Assertions.assertThat;

class PreparedFrameTests {

	@RegisterExtension
	private final DropInRig rig = new DropInRig(Kind.NETTY);

	@Test
	void keepsItsPlaceAmongFramesAndCountsAsNone() throws Exception {
		RawPeer.Port port = this.rig.port();
		var client = this.rig.client(port.number());
		this.rig.inbox(client);
		this.rig.start();
		NettyTcpConnection connection = (NettyTcpConnection) client.getConnection();
		PreparedFrame frame = PreparedFrame.of(bytes("prepared"), new Line(Line.Ending.CRLF, 64));
		connection.eventLoop().execute(() -> {
			connection.onLoop().sendUncounted(frame);
			connection.onLoop().trySend(bytes("one"));
			connection.onLoop().sendUncounted(frame);
			connection.onLoop().trySend(bytes("two"));
		});
		connection.eventLoop().execute(() -> connection.onLoop().sendUncounted(frame));
		RawPeer peer = this.rig.accept(port);
		assertThat(List.of(peer.readLine(), peer.readLine(), peer.readLine(), peer.readLine(), peer.readLine()))
			.containsExactly("prepared", "one", "prepared", "two", "prepared");
		eventually(() -> {
			assertThat(connection.traffic().framesOut()).isEqualTo(2);
			assertThat(connection.traffic().bytesOut()).isEqualTo(3 * "prepared\r\n".length() + 2 * "one\r\n".length());
		});
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.US_ASCII);
	}

}
