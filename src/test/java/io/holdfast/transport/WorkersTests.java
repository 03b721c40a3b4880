package io.holdfast.transport;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import io.holdfast.transport.WorkerRig.Server;
import io.holdfast.transport.WorkerSettings.WhenFull;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static io.holdfast.transport.DropInRig.eventually;
import static io.holdfast.transport.WorkerRig.send;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Who gets a worker, when, and what happens to those that find none.
 */
@ExtendWith(OutputCaptureExtension.class)
class WorkersTests {

	private static final int LINE = 8 * 1024;

	private static final String PAYLOAD = "-".repeat(LINE - 1);

	/** More than the system's buffers and twice the gateway's limit. */
	private static final int FLOOD = 100;

	@RegisterExtension
	private final WorkerRig rig = new WorkerRig();

	/** An error may end a worker's thread, which Awaitility would take for the test's. */
	@BeforeAll
	static void leaveErrorsToTheirThreads() {
		Awaitility.doNotCatchUncaughtExceptionsByDefault();
	}

	@AfterAll
	static void watchThreadsAgain() {
		Awaitility.catchUncaughtExceptionsByDefault();
	}

	@Test
	void listenerWhoseFlowIsSlowLeavesWorkersToTheOthers() {
		WorkerPool pool = this.rig.pool(4, 100, WhenFull.WAIT);
		CountDownLatch latch = this.rig.latch();
		Server slow = this.rig.server(pool, (line, server, connection) -> {
			DropInRig.await(latch);
			send(connection, line);
		});
		Server quick = this.rig.server(pool, (line, server, connection) -> send(connection, line));
		RawPeer client = quick.connect().write("first\n");
		assertThat(client.readLine()).isEqualTo("first");
		List<RawPeer> waiting = new ArrayList<>();
		for (int i = 0; i < 10; i++) {
			waiting.add(slow.connect().write("slow " + i + "\n"));
		}
		// one of four is kept for the other
		eventually(() -> assertThat(List.of(pool.active(), pool.queued())).containsExactly(3, 7));
		for (int i = 0; i < 100; i++) {
			assertThat(client.write(i + "\n").readLine()).isEqualTo(String.valueOf(i));
		}
		latch.countDown();
		for (int i = 0; i < 10; i++) {
			assertThat(waiting.get(i).readLine()).isEqualTo("slow " + i);
		}
	}

	@Test
	void connectionsThatFindEveryWorkerBusyAndTheQueueFullAreAllServed() {
		WorkerPool pool = this.rig.pool(2, 1, WhenFull.WAIT);
		CountDownLatch latch = this.rig.latch();
		Server server = this.rig.server(pool, (line, at, connection) -> {
			DropInRig.await(latch);
			send(connection, line);
		});
		List<RawPeer> peers = new ArrayList<>();
		for (int i = 0; i < 50; i++) {
			peers.add(server.connect().write(i + "\n"));
		}
		// those that have no connection yet wait like those with a frame
		eventually(() -> assertThat(List.of(pool.active(), pool.queued())).containsExactly(2, 48));
		assertThat(pool.rejected()).isGreaterThanOrEqualTo(47);
		latch.countDown();
		for (int i = 0; i < 50; i++) {
			assertThat(peers.get(i).readLine()).isEqualTo(String.valueOf(i));
		}
		assertThat(server.gone()).isZero();
	}

	@Test
	void connectionsThatWaitForAWorkerAreServedInTheOrderOfTheirFrames() {
		WorkerPool pool = this.rig.pool(1, 2, WhenFull.WAIT);
		CountDownLatch latch = this.rig.latch();
		List<String> order = new CopyOnWriteArrayList<>();
		Server server = this.rig.server(pool, (line, at, connection) -> {
			if (line.equals("block")) {
				DropInRig.await(latch);
			}
			else {
				order.add(line);
			}
		});
		List<RawPeer> peers = new ArrayList<>();
		for (int i = 0; i < 10; i++) {
			peers.add(server.connect());
		}
		eventually(() -> assertThat(server.connections()).hasSize(10));
		server.connect().write("block\n");
		eventually(() -> assertThat(List.of(pool.active(), pool.queued())).containsExactly(1, 0));
		long before = pool.rejected();
		List<String> expected = new ArrayList<>();
		for (int i = 9; i >= 0; i--) {
			peers.get(i).write("frame " + i + "\n");
			expected.add("frame " + i);
			eventually(() -> assertThat(pool.queued()).isEqualTo(expected.size()));
		}
		latch.countDown();
		eventually(() -> assertThat(order).isEqualTo(expected));
		// eight found it full, once each: nobody looks again before it is its turn
		assertThat(pool.rejected() - before).isEqualTo(8);
	}

	@Test
	void connectionThatFindsTheQueueFullIsRefusedAndCountedWhereTheSettingsSaySo() {
		WorkerPool pool = this.rig.pool(1, 1, WhenFull.REJECT);
		CountDownLatch latch = this.rig.latch();
		Server server = this.rig.server(pool, (line, at, connection) -> {
			DropInRig.await(latch);
			send(connection, line);
		});
		RawPeer working = server.connect().write("working\n");
		eventually(() -> assertThat(server.factory().traffic().framesIn()).isEqualTo(1));
		RawPeer opening = server.connect().write("opening\n");
		eventually(() -> assertThat(pool.queued()).isEqualTo(1));
		RawPeer refused = server.connect();
		assertThat(refused.isAtEnd()).isTrue();
		assertThat(pool.rejected()).isEqualTo(1);
		latch.countDown();
		assertThat(working.readLine()).isEqualTo("working");
		assertThat(opening.readLine()).isEqualTo("opening");
		assertThat(server.connections()).hasSize(2);
	}

	@Test
	void workerThatWaitsForAnotherPeerGivesItsPlaceToOthers() {
		WorkerPool pool = this.rig.pool(1, 100, WhenFull.WAIT);
		Server server = this.rig.server(pool, (line, at, connection) -> {
			if (line.equals("flood")) {
				for (int i = 0; i < FLOOD; i++) {
					send(at.connections().get(0), PAYLOAD);
				}
			}
			send(connection, line);
		});
		RawPeer slow = server.connect();
		eventually(() -> assertThat(server.connections()).hasSize(1));
		RawPeer talker = server.connect().write("flood\n");
		RawPeer other = server.connect();
		eventually(
				() -> assertThat(List.of(server.factory().traffic().framesIn(), pool.active())).containsExactly(1L, 0));
		for (int i = 0; i < 100; i++) {
			assertThat(other.write(i + "\n").readLine()).isEqualTo(String.valueOf(i));
		}
		assertThat(slow.readBytes(FLOOD * LINE)).hasSize(FLOOD * LINE);
		assertThat(talker.readLine()).isEqualTo("flood");
		assertThat(server.gone()).isZero();
	}

	@Test
	void answersThatAreMoreThanTheOutputMayHoldAllArrive() {
		WorkerPool pool = this.rig.pool(1, 100, WhenFull.WAIT);
		Server server = this.rig.server(pool, (line, at, connection) -> {
			for (int i = 0; line.equals("flood") && i < FLOOD; i++) {
				send(connection, PAYLOAD);
			}
			send(connection, line);
		});
		RawPeer slow = server.connect().write("flood\nlast\n");
		eventually(
				() -> assertThat(List.of(server.factory().traffic().framesIn(), pool.active())).containsExactly(2L, 0));
		RawPeer other = server.connect();
		assertThat(other.write("ping\n").readLine()).isEqualTo("ping");
		for (int i = 0; i < FLOOD; i++) {
			assertThat(slow.readLine()).hasSize(LINE - 1);
		}
		assertThat(slow.readLine()).isEqualTo("flood");
		assertThat(slow.readLine()).isEqualTo("last");
	}

	@Test
	void slowReaderHoldsNoMoreThanTwiceItsLimitAndItsInput() {
		WorkerPool pool = this.rig.pool(1, 100, WhenFull.WAIT);
		AtomicLong most = new AtomicLong();
		Server server = this.rig.server(pool, (line, at, connection) -> {
			send(connection, PAYLOAD);
			most.accumulateAndGet(connection.traffic().pendingOutput(), Math::max);
		});
		RawPeer slow = server.connect();
		int sent = 10_000;
		this.rig.async(() -> slow.write("x\n".repeat(sent)));
		eventually(() -> {
			assertThat(server.connections()).hasSize(1);
			assertThat(server.connections().get(0).traffic().pendingInput()).isPositive();
			assertThat(List.of(pool.active(), pool.queued())).containsExactly(0, 0);
		});
		assertThat(slow.readBytes(sent * LINE)).hasSize(sent * LINE);
		assertThat(most.get()).isBetween(32 * 1024L, 66 * 1024L);
	}

	@Test
	void slowReaderThatLeavesFreesWhatWaitsForIt() {
		WorkerPool pool = this.rig.pool(1, 100, WhenFull.WAIT);
		AtomicInteger answered = new AtomicInteger();
		Server server = this.rig.server(pool, (line, at, connection) -> {
			answered.incrementAndGet();
			send(connection, PAYLOAD);
		});
		RawPeer slow = server.connect().write("x\n".repeat(1000));
		eventually(() -> assertThat(List.of(server.factory().traffic().framesIn(), pool.active()))
			.containsExactly(1000L, 0));
		slow.reset();
		eventually(() -> assertThat(server.gone()).isEqualTo(1));
		eventually(() -> assertThat(server.connections().get(0).isDelivering()).isFalse());
		// the system may have taken all
		assertThat(answered).hasValueLessThanOrEqualTo(1000);
		assertThat(server.connect().write("y\n").readLine()).isEqualTo(PAYLOAD);
	}

	@Test
	void whatIsLeftOfAConnectionThatHasGoneIsDropped(CapturedOutput output) {
		WorkerPool pool = this.rig.pool(4, 100, WhenFull.WAIT);
		CountDownLatch latch = this.rig.latch();
		AtomicInteger delivered = new AtomicInteger();
		Server server = this.rig.server(pool, (line, at, connection) -> {
			DropInRig.await(latch);
			if (delivered.incrementAndGet() == 1000) {
				eventually(() -> assertThat(at.gone()).isEqualTo(1));
			}
			send(connection, line);
		});
		RawPeer peer = server.connect().write("x\n".repeat(4000));
		eventually(() -> assertThat(server.factory().traffic().framesIn()).isEqualTo(4000));
		peer.close();
		NettyTcpConnection left = server.connections().get(0);
		eventually(() -> assertThat(left.handler().input().isEnded()).isTrue());
		latch.countDown();
		eventually(() -> assertThat(List.of(server.gone(), pool.active())).containsExactly(1, 0));
		assertThat(left.isDelivering()).isFalse();
		assertThat(delivered).hasValueLessThanOrEqualTo(1000);
		assertThat(output.getAll()).doesNotContain(" ERROR ");
	}

	@ParameterizedTest
	@MethodSource("errors")
	void errorInAFlowClosesItsConnectionAndNoOther(Error error) {
		WorkerPool pool = this.rig.pool(1, 100, WhenFull.WAIT);
		Server server = this.rig.server(pool, (line, at, connection) -> {
			if (line.equals("break")) {
				throw error;
			}
			send(connection, line);
		});
		assertThatAnErrorClosesOneConnection(server, error);
		eventually(() -> assertThat(List.of(pool.active(), pool.queued())).containsExactly(0, 0));
	}

	@ParameterizedTest
	@MethodSource("errors")
	void errorOnALoopClosesItsConnectionAndNoOther(Error error) {
		Server server = this.rig.server(Delivery.EVENT_LOOP, (line, at, connection) -> {
			if (line.equals("break")) {
				throw error;
			}
			send(connection, line);
		});
		assertThatAnErrorClosesOneConnection(server, error);
	}

	private void assertThatAnErrorClosesOneConnection(Server server, Error error) {
		RawPeer broken = server.connect().write("break\nlost\n");
		assertThat(broken.isAtEnd()).isTrue();
		RawPeer other = server.connect();
		assertThat(other.write("ping\n").readLine()).isEqualTo("ping");
		NettyTcpConnection closed = server.connections().get(0);
		assertThat(closed.closeCause())
			.hasValueSatisfying((cause) -> assertThat(cause).isInstanceOf(IOException.class).hasCause(error));
		eventually(() -> assertThat(closed.isDelivering()).isFalse());
		eventually(() -> assertThat(server.gone()).isEqualTo(1));
	}

	static List<Error> errors() {
		return List.of(new AssertionError("a test"), new NoClassDefFoundError("a test"), new StackOverflowError(),
				new InternalError("a test"));
	}

	@Test
	void connectionsOnAnExecutorThatRejectsAreServedWhenItHasRoom() {
		ExecutorService executor = new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new SynchronousQueue<>());
		try {
			CountDownLatch latch = this.rig.latch();
			CountDownLatch taken = new CountDownLatch(1);
			List<String> order = new CopyOnWriteArrayList<>();
			Server server = this.rig.server(executor, (line, at, connection) -> {
				order.add(line);
				send(connection, line);
			});
			RawPeer first = server.connect().write("first\n");
			assertThat(first.readLine()).isEqualTo("first");
			eventually(() -> executor.execute(() -> {
				taken.countDown();
				DropInRig.await(latch);
			}));
			DropInRig.await(taken);
			List<RawPeer> peers = new ArrayList<>();
			List<String> expected = new ArrayList<>(List.of("first"));
			for (int i = 0; i < 10; i++) {
				peers.add(server.connect().write(i + "\n"));
				expected.add(String.valueOf(i));
			}
			latch.countDown();
			for (int i = 0; i < 10; i++) {
				assertThat(peers.get(i).readLine()).isEqualTo(String.valueOf(i));
			}
			assertThat(order).containsExactlyInAnyOrderElementsOf(expected);
		}
		finally {
			executor.shutdown();
		}
	}

}
