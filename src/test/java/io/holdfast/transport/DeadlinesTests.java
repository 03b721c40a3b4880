package io.holdfast.transport;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.holdfast.connection.CloseReason;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.springframework.util.unit.DataSize;

import static io.holdfast.transport.DropInRig.eventually;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Connections that are neither set up yet nor open any more do not wait for ever,
 * whatever the flow and the peer do.
 */
class DeadlinesTests {

	private static final OutputLimits LIMITS = new OutputLimits(256 * 1024, Duration.ofSeconds(1),
			DataSize.ofMegabytes(1));

	private static final int SMALL = 32 * 1024;

	private final CountDownLatch latch = new CountDownLatch(1);

	private final WorkerPool pool = new WorkerPool(new WorkerSettings(1, 1, WorkerSettings.WhenFull.WAIT));

	private final LoopServer server = new LoopServer(Transport.NIO, 1);

	private final List<RawPeer> peers = new ArrayList<>();

	@AfterEach
	void stop() {
		this.latch.countDown();
		this.peers.forEach(RawPeer::close);
		this.server.close();
		this.pool.close();
	}

	/** A server whose flow hangs. */
	private void start() {
		this.server.factory().setDelivery(Delivery.WORKERS);
		this.server.factory().setTaskExecutor(this.pool);
		this.server.factory().setOutputLimits(LIMITS);
		this.server.factory().setSslHandshakeTimeout(1);
		this.server.start((message) -> DropInRig.await(this.latch));
	}

	private RawPeer connect() throws IOException {
		return connect(new Socket(DropInRig.LOOPBACK, this.server.port()));
	}

	private RawPeer connect(Socket socket) throws IOException {
		RawPeer peer = new RawPeer(socket);
		this.peers.add(peer);
		return peer;
	}

	private NettyTcpConnection accepted() throws InterruptedException {
		return Objects.requireNonNull(this.server.accepted().poll(10, TimeUnit.SECONDS));
	}

	@Test
	void failedConnectionIsClosedThoughItsFlowHangs() throws Exception {
		start();
		RawPeer peer = connect();
		NettyTcpConnection failed = accepted();
		peer.write("first\n");
		eventually(() -> assertThat(failed.isDelivering()).isTrue());
		peer.write("x".repeat(4000));
		eventually(() -> assertThat(failed.channel().isOpen()).isFalse());
		assertThat(failed.closeCause().map(CloseReason::of)).contains(CloseReason.FRAME_TOO_LONG);
	}

	@Test
	void connectionForWhichNoWorkerIsFreeIsRefusedInTheEnd() throws Exception {
		start();
		RawPeer peer = connect();
		accepted();
		peer.write("first\n");
		eventually(() -> assertThat(this.pool.active()).isOne());
		assertThat(connect().isAtEnd()).isTrue();
		assertThat(this.server.accepted()).isEmpty();
	}

	@Test
	void peerThatTakesTooLittleOfItsLastOutputIsCut() throws Exception {
		this.server.factory().setOutputLimits(LIMITS);
		this.server.factory().setSoSendBufferSize(SMALL);
		this.server.start((message) -> {
		});
		Socket socket = new Socket();
		socket.setReceiveBufferSize(SMALL);
		socket.connect(new InetSocketAddress(DropInRig.LOOPBACK, this.server.port()));
		connect(socket);
		NettyTcpConnection closed = accepted();
		byte[] line = "-".repeat(1000).getBytes(StandardCharsets.US_ASCII);
		closed.eventLoop().submit(() -> {
			for (int n = 0; n < 5000; n++) {
				closed.onLoop().offer(line);
			}
			closed.close();
		}).get();
		Thread slow = new Thread(() -> takeSlowly(socket));
		slow.start();
		eventually(() -> assertThat(closed.channel().isOpen()).isFalse());
		socket.close();
		slow.join();
	}

	/**
	 * Much less than the least rate, without a break: all of it would take half a minute.
	 */
	private void takeSlowly(Socket socket) {
		try {
			while (socket.getInputStream().readNBytes(SMALL / 2).length > 0) {
				this.latch.await(100, TimeUnit.MILLISECONDS);
			}
		}
		catch (IOException | InterruptedException ex) {
			// cut, as it should be
		}
	}

}
