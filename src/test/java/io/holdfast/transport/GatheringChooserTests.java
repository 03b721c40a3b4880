package io.holdfast.transport;

import java.io.IOException;
import java.net.Socket;

import io.netty.channel.EventLoop;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static io.holdfast.transport.DropInRig.eventually;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which loop is given to the next connection, with a server that opens and closes.
 */
class GatheringChooserTests {

	/** More than one loop is given before the next loop has its turn. */
	private static final int MANY = 70;

	private final LoopServer server = new LoopServer(Transport.best(), 2);

	@BeforeEach
	void start() {
		this.server.start((message) -> {
		});
	}

	@AfterEach
	void stop() {
		this.server.close();
	}

	@Test
	void portThatIsReopenedManyTimesCountsAsNoConnection() throws IOException {
		this.server.port();
		EventLoop first = this.server.loops().preferred();
		for (int n = 0; n < MANY; n++) {
			this.server.factory().closePort();
			this.server.factory().reopenPort();
		}
		assertThat(this.server.loops().preferred()).isSameAs(first);
	}

	@Test
	void connectionsThatHaveGoneCountNoMore() throws IOException {
		int port = this.server.port();
		EventLoop first = this.server.loops().preferred();
		for (int n = 0; n < MANY; n++) {
			new RawPeer(new Socket(DropInRig.LOOPBACK, port)).reset();
		}
		eventually(() -> assertThat(this.server.factory().getOpenConnectionIds()).isEmpty());
		eventually(() -> assertThat(this.server.loops().preferred()).isSameAs(first));
	}

}
