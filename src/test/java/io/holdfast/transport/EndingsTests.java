package io.holdfast.transport;

import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

import io.holdfast.connection.CloseReason;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.integration.ip.tcp.serializer.TcpDeserializationExceptionEvent;
import org.springframework.messaging.Message;
import org.springframework.messaging.MessagingException;
import org.springframework.messaging.support.ErrorMessage;
import org.springframework.messaging.support.GenericMessage;

import static io.holdfast.transport.DropInRig.eventually;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * What ends a connection is known as what it is, and costs no frame that came before.
 */
@ParameterizedClass
@EnumSource(Transport.class)
class EndingsTests {

	private static final String LINE = "-".repeat(1000);

	private final LoopServer server;

	private final Queue<String> taken = new ConcurrentLinkedQueue<>();

	private final List<RawPeer> peers = new ArrayList<>();

	private volatile boolean echoes;

	private volatile @Nullable NettyTcpConnection connection;

	EndingsTests(Transport transport) {
		this.server = new LoopServer(transport, 1);
	}

	@BeforeEach
	void start() {
		this.server.factory().setOutputLimits(new OutputLimits(256 * 1024, Duration.ofSeconds(1)));
		this.server.start(this::receive);
	}

	@AfterEach
	void stop() {
		this.peers.forEach(RawPeer::close);
		this.server.close();
	}

	private boolean receive(Message<?> message) {
		if (message instanceof ErrorMessage end) {
			throw new IllegalStateException("fails at the end", end.getPayload());
		}
		byte[] frame = (byte[]) message.getPayload();
		this.taken.add(new String(frame, StandardCharsets.US_ASCII));
		if (this.echoes) {
			try {
				connection().send(new GenericMessage<>(frame));
			}
			catch (MessagingException ex) {
				// the peer has gone
			}
		}
		return true;
	}

	private NettyTcpConnection connection() {
		return Objects.requireNonNull(this.connection);
	}

	private RawPeer connect() throws Exception {
		int port = this.server.port();
		RawPeer peer = new RawPeer(new Socket(DropInRig.LOOPBACK, port));
		this.peers.add(peer);
		this.connection = Objects.requireNonNull(this.server.accepted().poll(10, TimeUnit.SECONDS));
		return peer;
	}

	private void whileTheLoopIsBusy(Runnable action) {
		BusyLoop.during(connection().eventLoop(), action);
	}

	private CloseReason reason() {
		NettyTcpConnection ended = connection();
		eventually(() -> assertThat(ended.isOpen()).isFalse());
		return ended.closeCause().map(CloseReason::of).orElse(CloseReason.KILLED);
	}

	@Test
	void connectionIsForgottenThoughItsListenerFailsAtTheEnd() throws Exception {
		connect().reset();
		NettyTcpConnection ended = connection();
		eventually(() -> assertThat(ended.isGone()).isTrue());
		assertThat(this.server.factory().getOpenConnectionIds()).isEmpty();
	}

	@Test
	void dataAndAResetBehindItIsAReset() throws Exception {
		this.echoes = true;
		RawPeer peer = connect();
		whileTheLoopIsBusy(() -> peer.write("a\nb\n").reset());
		assertThat(reason()).isEqualTo(CloseReason.PEER_RESET);
	}

	@Test
	void echoedPeerThatStopsReadingAndResetsIsAReset() throws Exception {
		this.echoes = true;
		RawPeer peer = connect();
		NettyTcpConnection echoed = connection();
		Thread writer = new Thread(() -> {
			try {
				while (true) {
					peer.write((LINE + "\n").repeat(64));
				}
			}
			catch (RuntimeException ex) {
				// reset below
			}
		});
		writer.start();
		eventually(() -> assertThat(echoed.isWritable()).isFalse());
		peer.reset();
		assertThat(reason()).isEqualTo(CloseReason.PEER_RESET);
		writer.join(10_000);
	}

	@Test
	void allThatAPeerSentBeforeItsResetIsTakenThoughAWriteFailsFirst() throws Exception {
		RawPeer peer = connect();
		peer.write("first\n");
		eventually(() -> assertThat(this.taken).hasSize(1));
		NettyTcpConnection unread = connection();
		unread.eventLoop().execute(() -> unread.onLoop().trySend("unread".getBytes(StandardCharsets.US_ASCII)));
		eventually(() -> assertThat(peer.socket().getInputStream().available()).isPositive());
		whileTheLoopIsBusy(() -> {
			peer.write("last\n".repeat(20)).reset();
			unread.eventLoop().execute(() -> unread.onLoop().trySend("late".getBytes(StandardCharsets.US_ASCII)));
		});
		reason();
		assertThat(this.taken).hasSize(21);
		assertThat(this.server.factory().traffic().framesIn()).isEqualTo(21);
	}

	@Test
	void framesOfManyTurnsAreAllTakenThoughThePeerResetsBehindThem() throws Exception {
		RawPeer peer = connect();
		whileTheLoopIsBusy(() -> peer.write("x\n".repeat(10_000)).reset());
		assertThat(reason()).isEqualTo(CloseReason.PEER_RESET);
		assertThat(this.taken).hasSize(10_000);
		assertThat(this.server.factory().traffic().framesIn()).isEqualTo(10_000);
	}

	@Test
	void framesThatWaitForARouteAreTakenWhenThePeerResetsMeanwhile() throws Exception {
		RawPeer peer = connect();
		NettyTcpConnection paused = connection();
		paused.eventLoop().submit(paused.onLoop()::pauseReading).get();
		peer.write("first\n");
		eventually(() -> assertThat(paused.onLoop().hasUnread()).isTrue());
		whileTheLoopIsBusy(() -> peer.write("last\n").reset());
		eventually(() -> {
			// not every transport looks at a socket that is not read
			paused.onLoop().run(() -> paused.channel().read());
			assertThat(paused.isOpen()).isFalse();
		});
		assertThat(reason()).isEqualTo(CloseReason.PEER_RESET);
		assertThat(this.taken).startsWith("first");
	}

	@Test
	void errorOfAnObserverIsNoCauseOfAnEnd() throws Exception {
		this.server.observe((event) -> {
			if (event instanceof TcpDeserializationExceptionEvent) {
				throw new StackOverflowError("for the test");
			}
		});
		RawPeer peer = connect();
		peer.write("first\n" + "x".repeat(4000));
		assertThat(reason()).isEqualTo(CloseReason.FRAME_TOO_LONG);
		assertThat(this.taken).containsExactly("first");
		assertThat(peer.isAtEnd()).isTrue();
	}

	@Test
	void applicationThatClosesAfterThePeersEndClosesForThePeer() throws Exception {
		RawPeer peer = connect();
		NettyTcpConnection held = connection();
		held.onLoop().run(() -> held.onLoop().holdEnd(true));
		peer.finish();
		eventually(() -> assertThat(held.handler().input().isEnded()).isTrue());
		held.close();
		assertThat(reason()).isEqualTo(CloseReason.PEER_CLOSED);
	}

	@Test
	void leavingConnectionThatIsClosedIsGoneThoughItsPeerReadsNothing() throws Exception {
		connect();
		NettyTcpConnection leaving = connection();
		byte[] line = LINE.getBytes(StandardCharsets.US_ASCII);
		leaving.onLoop().run(() -> {
			leaving.onLoop().holdEnd(true);
			for (int n = 0; n < 20_000; n++) {
				leaving.onLoop().offer(line);
			}
		});
		leaving.leave();
		eventually(() -> assertThat(leaving.isLeaving()).isTrue());
		leaving.close();
		eventually(() -> assertThat(leaving.channel().isOpen()).isFalse());
	}

}
