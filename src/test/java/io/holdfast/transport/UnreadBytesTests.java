package io.holdfast.transport;

import java.io.IOException;
import java.net.Socket;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.holdfast.framing.Line;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What other threads than the loop see of bytes that have come and were not taken.
 */
@ParameterizedClass
@EnumSource(Transport.class)
class UnreadBytesTests {

	private final LoopServer server;

	private final AtomicInteger frames = new AtomicInteger();

	UnreadBytesTests(Transport transport) {
		this.server = new LoopServer(transport, 1);
	}

	@BeforeEach
	void start() {
		this.server.factory().setFraming(new Line(Line.Ending.LF, 65536));
		this.server.start((message) -> this.frames.incrementAndGet());
	}

	@AfterEach
	void stop() {
		this.server.close();
	}

	@Test
	void partOfAFrameIsUnreadUntilItsRestHasCome() throws Exception {
		try (RawPeer peer = connect()) {
			NettyTcpConnection connection = connection();
			assertThat(connection.onLoop().hasUnread()).isFalse();
			peer.write("half");
			await().until(() -> connection.onLoop().hasUnread() && connection.hasPending());
			peer.write(" a frame\n");
			await().until(() -> !connection.onLoop().hasUnread() && !connection.hasPending());
			peer.write("half");
			await().until(() -> connection.onLoop().hasUnread());
			connection.close();
			await().until(() -> !connection.hasPending());
		}
	}

	@Test
	void framesThatNobodyTakesYetAreUnread() throws Exception {
		try (RawPeer peer = connect()) {
			NettyTcpConnection connection = connection();
			peer.write("it is read\n");
			await().until(() -> this.frames.get() == 1);
			connection.eventLoop().submit(connection.onLoop()::pauseReading).get();
			peer.write("one\ntwo\n");
			await().until(() -> connection.onLoop().hasUnread());
			connection.onLoop().run(connection.onLoop()::resumeReading);
			await().until(() -> !connection.onLoop().hasUnread());
			assertThat(this.frames).hasValue(3);
		}
	}

	@Test
	void endOfTheStreamIsUnreadWhileItIsHeld() throws Exception {
		try (RawPeer peer = connect()) {
			NettyTcpConnection connection = connection();
			connection.onLoop().run(() -> connection.onLoop().holdEnd(true));
			await().until(connection::hasPending);
			peer.finish();
			await().until(() -> connection.onLoop().hasUnread());
			connection.onLoop().run(() -> connection.onLoop().holdEnd(false));
			await().until(() -> !connection.hasPending());
		}
	}

	private RawPeer connect() throws IOException {
		int port = this.server.port();
		return new RawPeer(new Socket(DropInRig.LOOPBACK, port));
	}

	private NettyTcpConnection connection() throws InterruptedException {
		return Objects.requireNonNull(this.server.accepted().poll(10, TimeUnit.SECONDS));
	}

}
