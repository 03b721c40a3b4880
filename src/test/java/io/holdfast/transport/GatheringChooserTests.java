package io.holdfast.transport;

import java.io.IOException;
import java.net.Socket;
import java.time.Clock;
import java.time.Duration;

import io.holdfast.framing.Line;
import io.netty.channel.EventLoop;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.scheduling.concurrent.SimpleAsyncTaskScheduler;

import static io.holdfast.transport.DropInRig.eventually;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which loop is given to the next connection, with a server that opens and closes.
 */
class GatheringChooserTests {

	/** More than one loop is given before the next loop has its turn. */
	private static final int MANY = 70;

	private final EventLoops loops = new EventLoops(2, Clock.systemUTC());

	private final NettyServerConnectionFactory server = new NettyServerConnectionFactory(0, this.loops);

	private final SimpleAsyncTaskScheduler scheduler = new SimpleAsyncTaskScheduler();

	@BeforeEach
	void start() {
		this.server.setFraming(new Line(Line.Ending.LF, 2048));
		this.server.setDelivery(Delivery.EVENT_LOOP);
		this.server.setTaskScheduler(this.scheduler);
		this.server.setApplicationEventPublisher((event) -> {
		});
		this.server.registerListener((message) -> {
		});
		this.server.start();
	}

	@AfterEach
	void stop() {
		this.server.stop();
		this.loops.close();
		this.scheduler.close();
	}

	@Test
	void portThatIsReopenedManyTimesCountsAsNoConnection() throws IOException {
		this.server.awaitListening(Duration.ofSeconds(10));
		EventLoop first = this.loops.preferred();
		for (int n = 0; n < MANY; n++) {
			this.server.closePort();
			this.server.reopenPort();
		}
		assertThat(this.loops.preferred()).isSameAs(first);
	}

	@Test
	void connectionsThatHaveGoneCountNoMore() throws IOException {
		int port = this.server.awaitListening(Duration.ofSeconds(10)).getPort();
		EventLoop first = this.loops.preferred();
		for (int n = 0; n < MANY; n++) {
			new RawPeer(new Socket(DropInRig.LOOPBACK, port)).reset();
		}
		eventually(() -> assertThat(this.server.getOpenConnectionIds()).isEmpty());
		eventually(() -> assertThat(this.loops.preferred()).isSameAs(first));
	}

}
