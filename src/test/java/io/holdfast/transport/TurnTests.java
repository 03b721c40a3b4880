package io.holdfast.transport;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.messaging.Message;

import static io.holdfast.transport.DropInRig.eventually;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Connections of one loop, of which one sends very many frames.
 */
@ParameterizedClass
@EnumSource(Transport.class)
class TurnTests {

	private static final int FLOOD = 100_000;

	private final LoopServer server;

	private final List<RawPeer> peers = new ArrayList<>();

	/** What the frames were, in the order in which they were taken. */
	private final Queue<String> taken = new ConcurrentLinkedQueue<>();

	TurnTests(Transport transport) {
		this.server = new LoopServer(transport, 1);
	}

	@BeforeEach
	void start() {
		this.server.start(this::receive);
	}

	@AfterEach
	void stop() {
		this.peers.forEach(RawPeer::close);
		this.server.close();
	}

	private boolean receive(Message<?> message) {
		return this.taken.add(new String((byte[]) message.getPayload(), StandardCharsets.US_ASCII));
	}

	private RawPeer connect() throws IOException {
		int port = this.server.port();
		int before = this.server.accepted().size();
		RawPeer peer = new RawPeer(new Socket(DropInRig.LOOPBACK, port));
		this.peers.add(peer);
		eventually(() -> assertThat(this.server.accepted()).hasSize(before + 1));
		return peer;
	}

	/** Both have sent before the loop gets to either. */
	private void whileTheLoopIsBusy(Runnable action) {
		BusyLoop.during(this.server.loops().group(), action);
	}

	@Test
	void frameOfAnotherWaitsForOneTurnOfAPeerThatSendsVeryMany() throws IOException {
		RawPeer flooding = connect();
		RawPeer other = connect();
		whileTheLoopIsBusy(() -> {
			flooding.write("x\n".repeat(20_000));
			other.write("other\n");
		});
		eventually(() -> assertThat(this.taken).hasSize(20_001));
		assertThat(List.copyOf(this.taken).indexOf("other")).isLessThanOrEqualTo(4 * FrameInput.TURN_FRAMES);
	}

	@Test
	void framesThatAFilterConsumesAreFramesOfTheTurn() throws IOException {
		RawPeer flooding = connect();
		RawPeer other = connect();
		this.server.accepted().element().filter((frame) -> this.taken.add("heartbeat"));
		whileTheLoopIsBusy(() -> {
			flooding.write("x\n".repeat(20_000));
			other.write("other\n");
		});
		eventually(() -> assertThat(this.taken).hasSize(20_001));
		assertThat(List.copyOf(this.taken).indexOf("other")).isLessThanOrEqualTo(4 * FrameInput.TURN_FRAMES);
	}

	@Test
	void allFramesOfManyTurnsAreTakenInOrderAndTheEndAfterThem() throws IOException {
		RawPeer peer = connect();
		StringBuilder lines = new StringBuilder();
		IntStream.range(0, FLOOD).forEach((n) -> lines.append(n).append('\n'));
		peer.write(lines.toString());
		peer.finish();
		NettyTcpConnection connection = this.server.accepted().element();
		eventually(() -> assertThat(connection.isOpen()).isFalse());
		assertThat(this.taken).containsExactlyElementsOf(IntStream.range(0, FLOOD).mapToObj(String::valueOf).toList());
		assertThat(this.server.factory().traffic().framesIn()).isEqualTo(FLOOD);
		assertThat(peer.isAtEnd()).isTrue();
	}

}
