package io.holdfast.transport;

import java.util.ArrayDeque;
import java.util.Deque;

import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How many clients a limit of descriptors allows.
 */
@ExtendWith(OutputCaptureExtension.class)
class DescriptorReserveTests {

	private final EmbeddedChannel timers = new EmbeddedChannel();

	private final Ports ports = new Ports(this.timers::eventLoop, () -> 0);

	private final OwnLinks links = new OwnLinks();

	private final Deque<EmbeddedChannel> clients = new ArrayDeque<>();

	private final Deque<EmbeddedChannel> openLinks = new ArrayDeque<>();

	private int max = 1000;

	private int others = 100;

	@AfterEach
	void close() {
		this.clients.forEach(EmbeddedChannel::finishAndReleaseAll);
		this.openLinks.forEach(EmbeddedChannel::finishAndReleaseAll);
		this.timers.finishAndReleaseAll();
	}

	private DescriptorReserve reserve(int maxLinks) {
		DescriptorReserve reserve = new DescriptorReserve(this.ports, this.links, maxLinks,
				new DescriptorReserve.Descriptors() {

					@Override
					public long max() {
						return DescriptorReserveTests.this.max;
					}

					@Override
					public long open() {
						return (long) DescriptorReserveTests.this.others + DescriptorReserveTests.this.clients.size()
								+ DescriptorReserveTests.this.openLinks.size();
					}

				});
		reserve.look();
		return reserve;
	}

	private void accept(int count) {
		for (int i = 0; i < count; i++) {
			EmbeddedChannel client = new EmbeddedChannel();
			this.clients.add(client);
			this.ports.count(client);
		}
	}

	private void leave(int count) {
		for (int i = 0; i < count; i++) {
			this.clients.remove().close();
		}
	}

	private void openLinks(int count) {
		for (int i = 0; i < count; i++) {
			EmbeddedChannel link = new EmbeddedChannel();
			this.openLinks.add(link);
			this.links.count(link);
		}
	}

	private boolean isHeld() {
		return this.ports.isHeld(Hold.DESCRIPTORS);
	}

	@Test
	void clientsGetWhatLinksAndManagementDoNotNeed(CapturedOutput output) {
		try (DescriptorReserve reserve = reserve(136)) {
			accept(1000 - 100 - 136 - 64 - 1);
			reserve.look();
			assertThat(isHeld()).isFalse();
			accept(1);
			assertThat(isHeld()).isTrue();
			assertThat(output).contains(
					"800 of 1000 file descriptors are in use, 200 are kept for links and management; raise the limit");
			leave(14);
			assertThat(isHeld()).isTrue();
			leave(1);
			assertThat(isHeld()).isFalse();
			assertThat(output).doesNotContain("descriptors - ");
		}
	}

	@Test
	void openLinksTakeNothingFromClients() {
		try (DescriptorReserve reserve = reserve(136)) {
			accept(699);
			openLinks(136);
			reserve.look();
			assertThat(isHeld()).isFalse();
			accept(1);
			assertThat(isHeld()).isTrue();
		}
	}

	@Test
	void descriptorsOfTheRestOfTheProcessDo() {
		try (DescriptorReserve reserve = reserve(136)) {
			accept(600);
			this.others = 201;
			reserve.look();
			assertThat(isHeld()).isTrue();
			this.others = 100;
			reserve.look();
			assertThat(isHeld()).isFalse();
		}
	}

	@Test
	void halfOfASmallLimitIsForClientsAndALineSaysSo(CapturedOutput output) {
		try (DescriptorReserve reserve = reserve(100_000)) {
			reserve.look();
			assertThat(output.toString().lines().filter((line) -> line.contains("descriptors - "))).singleElement()
				.asString()
				.contains(
						"the limit is 1000 and the process itself has 100; links and management may need 100064 and get half");
			accept(449);
			assertThat(isHeld()).isFalse();
			accept(1);
			assertThat(isHeld()).isTrue();
		}
	}

	@Test
	void withoutALimitNothingIsHeld() {
		try (DescriptorReserve reserve = new DescriptorReserve(this.ports, this.links, 16,
				DescriptorReserve.Descriptors.UNLIMITED)) {
			reserve.look();
			accept(1000);
			assertThat(isHeld()).isFalse();
		}
	}

}
