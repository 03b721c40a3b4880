package io.holdfast;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import io.holdfast.connection.CloseReason;
import io.holdfast.testing.TestGateway;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What bad peers do, and that it ends in the right close reason while a bystander notices
 * nothing.
 */
class BadInputTests {

	private static TestGateway gateway;

	private Bystander bystander;

	private Map<CloseReason, Integer> before;

	@BeforeAll
	static void start() {
		gateway = TestGateway.start("gateway.listeners.frames.port=0", "gateway.listeners.frames.protocol=length32",
				"gateway.listeners.frames.route.mode=echo", "gateway.listeners.frames.limits.send-timeout=300ms",
				"gateway.listeners.quick.port=0", "gateway.listeners.quick.protocol=length32",
				"gateway.listeners.quick.route.mode=echo", "gateway.listeners.quick.liveness.idle-timeout=300ms",
				"gateway.listeners.stx.port=0", "gateway.listeners.stx.protocol=stx-etx",
				"gateway.listeners.stx.route.mode=echo");
	}

	@AfterAll
	static void stop() throws IOException {
		gateway.close();
	}

	@BeforeEach
	void bystander() throws IOException {
		this.bystander = new Bystander(gateway.connect("frames"));
		this.before = gateway.closes();
	}

	@AfterEach
	void bystanderNoticedNothing() throws Exception {
		this.bystander.stop();
		await().untilAsserted(() -> assertThat(gateway.registry().count()).isZero());
	}

	private void assertClosedOnceAs(CloseReason reason) {
		await().untilAsserted(
				() -> assertThat(gateway.closes()).containsEntry(reason, this.before.getOrDefault(reason, 0) + 1));
	}

	@Test
	void hugeAnnouncedLengthIsFrameTooLong() throws IOException {
		Socket peer = gateway.connect("frames");
		new DataOutputStream(peer.getOutputStream()).writeInt(Integer.MAX_VALUE);
		assertThat(peer.getInputStream().read()).isEqualTo(-1);
		assertClosedOnceAs(CloseReason.FRAME_TOO_LONG);
	}

	@Test
	void garbageBeforeTheStartOfAFrameIsMalformed() throws IOException {
		Socket peer = gateway.connect("stx");
		peer.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
		await().until(() -> endOf(peer));
		assertClosedOnceAs(CloseReason.MALFORMED_FRAME);
	}

	@Test
	void halfAFrameThenSilenceIsIdle() throws IOException {
		Socket peer = gateway.connect("quick");
		new DataOutputStream(peer.getOutputStream()).writeInt(100);
		assertThat(peer.getInputStream().read()).isEqualTo(-1);
		assertClosedOnceAs(CloseReason.IDLE_TIMEOUT);
	}

	@Test
	void halfClosedPeerGetsItsReplyAndIsPeerClosed() throws IOException {
		Socket peer = gateway.connect("frames");
		DataOutputStream out = new DataOutputStream(peer.getOutputStream());
		out.writeInt(5);
		out.writeBytes("hello");
		peer.shutdownOutput();
		DataInputStream in = new DataInputStream(peer.getInputStream());
		assertThat(in.readInt()).isEqualTo(5);
		assertThat(in.readAllBytes()).asString(StandardCharsets.US_ASCII).isEqualTo("hello");
		assertClosedOnceAs(CloseReason.PEER_CLOSED);
	}

	@Test
	void closeInMidFrameIsPeerClosed() throws IOException {
		Socket peer = gateway.connect("frames");
		new DataOutputStream(peer.getOutputStream()).writeInt(100);
		peer.close();
		assertClosedOnceAs(CloseReason.PEER_CLOSED);
	}

	@Test
	void resetInMidFrameIsPeerReset() throws IOException {
		Socket peer = gateway.connect("frames");
		new DataOutputStream(peer.getOutputStream()).writeInt(100);
		await().until(() -> gateway.registry().count("frames") == 2);
		peer.setSoLinger(true, 0);
		peer.close();
		assertClosedOnceAs(CloseReason.PEER_RESET);
	}

	@Test
	void peerThatNeverReadsIsASlowConsumer() throws IOException {
		Socket peer = gateway.connect("frames");
		AtomicBoolean cut = new AtomicBoolean();
		Thread pump = new Thread(() -> {
			try {
				DataOutputStream out = new DataOutputStream(peer.getOutputStream());
				byte[] frame = new byte[60_000];
				while (true) {
					out.writeInt(frame.length);
					out.write(frame);
				}
			}
			catch (IOException ex) {
				cut.set(true);
			}
		});
		pump.start();
		assertClosedOnceAs(CloseReason.SLOW_CONSUMER);
		await().untilTrue(cut);
	}

	@Test
	void tenThousandConnectsInARowLeaveNothingBehind() throws IOException {
		int connects = 10_000;
		for (int i = 0; i < connects; i++) {
			new Socket(InetAddress.getLoopbackAddress(), gateway.port("frames")).close();
		}
		await().atMost(Duration.ofSeconds(30))
			.untilAsserted(() -> assertThat(gateway.closes().getOrDefault(CloseReason.PEER_CLOSED, 0))
				.isEqualTo(this.before.getOrDefault(CloseReason.PEER_CLOSED, 0) + connects));
		assertThat(gateway.registry().count("frames")).isEqualTo(1);
	}

	private static boolean endOf(Socket peer) {
		try {
			return peer.getInputStream().read() < 0;
		}
		catch (IOException ex) {
			return true; // our unread garbage makes the close a reset
		}
	}

	/** Sends and checks frames all the while. */
	private static final class Bystander {

		private final Socket socket;

		private final Thread thread;

		private final AtomicInteger echoed = new AtomicInteger();

		private volatile boolean stopped;

		private volatile @Nullable Throwable trouble;

		Bystander(Socket socket) {
			this.socket = socket;
			this.thread = new Thread(this::talk);
			this.thread.start();
		}

		private void talk() {
			try {
				DataOutputStream out = new DataOutputStream(this.socket.getOutputStream());
				DataInputStream in = new DataInputStream(this.socket.getInputStream());
				while (!this.stopped || this.echoed.get() == 0) {
					byte[] frame = ("frame " + this.echoed.get()).getBytes(StandardCharsets.US_ASCII);
					out.writeInt(frame.length);
					out.write(frame);
					assertThat(in.readInt()).isEqualTo(frame.length);
					assertThat(in.readNBytes(frame.length)).isEqualTo(frame);
					this.echoed.incrementAndGet();
				}
			}
			catch (IOException | AssertionError ex) {
				this.trouble = ex;
			}
		}

		void stop() throws InterruptedException, IOException {
			this.stopped = true;
			this.thread.join();
			this.socket.close();
			assertThat(this.trouble).isNull();
			assertThat(this.echoed.get()).isPositive();
		}

	}

}
