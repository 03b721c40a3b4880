package io.holdfast.transport;

import java.util.concurrent.TimeUnit;

import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the log says of holds on all ports.
 */
@ExtendWith(OutputCaptureExtension.class)
class PortsLogTests {

	private final EmbeddedChannel timers = new EmbeddedChannel();

	private long nanos;

	private final Ports ports = new Ports(this.timers::eventLoop, () -> this.nanos);

	@BeforeEach
	void stopTime() {
		this.timers.freezeTime();
	}

	@AfterEach
	void close() {
		this.timers.finishAndReleaseAll();
	}

	private void pass(int seconds) {
		this.nanos += TimeUnit.SECONDS.toNanos(seconds);
		this.timers.advanceTimeBy(seconds, TimeUnit.SECONDS);
		this.timers.runScheduledPendingTasks();
	}

	private static long count(CapturedOutput output, String text) {
		return output.toString().lines().filter((line) -> line.contains(text)).count();
	}

	@Test
	void holdIsToldOnceAndItsEndOnceItHasLasted(CapturedOutput output) {
		this.ports.hold(Hold.MEMORY, "82 of 100 MB are used; give it more");
		this.ports.hold(Hold.MEMORY, "83 of 100 MB are used; give it more");
		assertThat(output).contains("ports - accept no connections, 0 are open: 82 of 100 MB are used; give it more");
		pass(60);
		this.ports.release(Hold.MEMORY, "60 of 100 MB are used");
		pass(4);
		assertThat(output).doesNotContain("again");
		pass(1);
		assertThat(output).contains("ports - accept connections again, after 60000 ms: 60 of 100 MB are used");
		assertThat(count(output, "ports - ")).isEqualTo(2);
		pass(60);
		this.ports.hold(Hold.MEMORY, "84 of 100 MB are used");
		assertThat(count(output, "ports - ")).isEqualTo(3);
	}

	@Test
	void holdThatComesAndGoesIsToldAsOne(CapturedOutput output) {
		for (int second = 0; second < 60; second++) {
			this.ports.hold(Hold.DESCRIPTORS, "many are open");
			this.ports.release(Hold.DESCRIPTORS, "few are open");
			pass(1);
		}
		assertThat(count(output, "ports - ")).isEqualTo(1);
		pass(10);
		assertThat(output).contains("ports - accept connections again, after 59000 ms: few are open");
		assertThat(count(output, "ports - ")).isEqualTo(2);
	}

	@Test
	void eachHoldIsToldOfItsOwn(CapturedOutput output) {
		this.ports.hold(Hold.DESCRIPTORS, "many are open");
		this.ports.hold(Hold.MEMORY, "much is used");
		this.ports.release(Hold.DESCRIPTORS, "few are open");
		pass(10);
		assertThat(output).contains("many are open", "much is used", "few are open");
		assertThat(this.ports.holds()).containsExactly(Hold.MEMORY);
	}

}
