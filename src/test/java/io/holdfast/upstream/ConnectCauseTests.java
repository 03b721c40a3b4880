package io.holdfast.upstream;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.nio.channels.ClosedChannelException;

import io.netty.channel.ChannelException;
import io.netty.channel.ConnectTimeoutException;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ConnectCauseTests {

	@Test
	void missingDescriptorIsOurOwnLimitWithEveryTransport() {
		ConnectCause own = new ConnectCause("too many open files", true);
		Exception nio = new ChannelException("Failed to open a socket.", new SocketException("Too many open files"));
		Exception epoll = new ChannelException(
				new IOException("newSocketStream(..) failed with error(-24): Too many open files"));
		Exception wrapped = new IOException(new ChannelException(
				"Unable to create Channel from class class io.netty.channel.uring.IoUringSocketChannel", epoll));
		assertThat(ConnectCause.of(nio)).isEqualTo(own);
		assertThat(ConnectCause.of(epoll)).isEqualTo(own);
		assertThat(ConnectCause.of(wrapped)).isEqualTo(own);
	}

	@Test
	void missingLocalPortIsOurOwnLimit() {
		assertThat(ConnectCause.of(new SocketException("Cannot assign requested address: /127.0.0.1:7001")))
			.isEqualTo(new ConnectCause("cannot assign requested address", true));
	}

	@Test
	void refusalAndTimeoutAreTheServersAndToldWithoutItsAddress() {
		assertThat(ConnectCause.of(new ConnectException("Connection refused: localhost/127.0.0.1:7001")))
			.isEqualTo(new ConnectCause("connection refused", false));
		assertThat(ConnectCause.of(new ConnectTimeoutException("connection timed out after 5000 ms: /10.0.0.1:7001")))
			.isEqualTo(new ConnectCause("connection timed out after 5000 ms", false));
	}

	@Test
	void noClassIsNamedThoughThereIsNoMessage() {
		assertThat(ConnectCause.of(new ClosedChannelException()).words()).isEqualTo("closed while it was opened");
		assertThat(ConnectCause.of(new IOException(new IllegalStateException())).words()).doesNotContain("java.");
	}

}
