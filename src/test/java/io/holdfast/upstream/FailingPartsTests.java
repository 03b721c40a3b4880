package io.holdfast.upstream;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import io.holdfast.testing.Scripts;
import io.holdfast.testing.UpstreamServer;
import io.holdfast.transport.EventLoops;
import io.holdfast.transport.NettyClientConnectionFactory;
import io.holdfast.transport.NettyTcpConnection;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static io.holdfast.upstream.TestUpstream.eventually;
import static io.holdfast.upstream.TestUpstream.release;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whatever throws, or has ended, leaves no link lent and no attempt under way.
 */
class FailingPartsTests {

	@RegisterExtension
	private final TestUpstream upstreams = new TestUpstream();

	private final UpstreamServer server = this.upstreams.server(Scripts.echo());

	@Test
	void attemptThatThrowsAtItsBeginningHasFailed() {
		Upstream upstream = this.upstreams.start(TestSettings.to(this.server).max(1),
				new ThrowingFactory(this.server.port(), this.upstreams.loops()));
		assertThat(this.upstreams.borrow(upstream).isOpen()).isTrue();
		assertThat(upstream.info().connectsFailed()).isEqualTo(2);
		assertThat(upstream.info().links()).isEqualTo(new UpstreamInfo.Links(1, 1, 0, 0, 1, 0));
	}

	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void missingDescriptorIsToldOnceAsOurOwnLimitAndNotHeldAgainstTheEndpoint(CapturedOutput output) {
		Upstream upstream = this.upstreams
			.start(TestSettings.to(this.server).max(1).reconnectAfter(Duration.ofMillis(20)), new ThrowingFactory(
					this.server.port(), this.upstreams.loops(), new SocketException("Too many open files")));
		TestBorrower waiting = this.upstreams.borrower().waitFor(upstream);
		assertThat(waiting.link().isOpen()).isTrue();
		assertThat(upstream.info().connectsFailed()).isEqualTo(2);
		assertThat(upstream.info().endpoints()).singleElement().returns(0, EndpointInfo::connectFailures);
		assertThat(upstream.info().down()).isFalse();
		assertThat(output.getOut()).containsOnlyOnce("upstream 'billing' - cannot open links: too many open files,")
			.containsOnlyOnce("upstream 'billing' - can open links again")
			.doesNotContain("- down");
	}

	@Test
	void linkIsClosedWhoseBorrowerThrowsWhenItIsGranted() {
		Upstream upstream = this.upstreams.start(TestSettings.to(this.server).max(1));
		Link only = this.upstreams.borrow(upstream);
		new TestBorrower(this.upstreams.loop(), (told) -> {
			throw new IllegalStateException("of the test");
		}).waitFor(upstream);
		TestBorrower next = this.upstreams.borrower().waitFor(upstream);
		release(only);
		assertThat(next.link()).isNotSameAs(only).matches(Link::isOpen);
		assertThat(upstream.info().links()).isEqualTo(new UpstreamInfo.Links(1, 1, 0, 0, 1, 0));
	}

	@Test
	void observerThatThrowsKeepsNobodyFromLinks() {
		Upstream upstream = this.upstreams.start(TestSettings.to(this.server).max(1));
		upstream.observe(new ThrowingObserver());
		Link link = this.upstreams.borrow(upstream);
		release(link);
		assertThat(this.upstreams.borrow(upstream)).isSameAs(link);
		TestBorrower waiting = this.upstreams.borrower().waitFor(upstream);
		release(link);
		assertThat(waiting.link()).isSameAs(link);
		link.close();
		eventually(() -> assertThat(upstream.info().links().open()).isZero());
	}

	@Test
	void nothingIsUnderWayOnLoopsThatHaveEnded() {
		Upstream upstream = this.upstreams
			.warm(TestSettings.to(this.server).minIdle(1).max(3).acquireTimeout(Duration.ofMillis(1)));
		this.upstreams.loops().close();
		for (int i = 0; i < 3; i++) {
			this.upstreams.borrower().waitFor(upstream);
		}
		upstream.reconnect();
		assertThat(upstream.info().links().connecting()).isZero();
		assertThat(upstream.info().links().lent()).isZero();
	}

	private static final class ThrowingFactory extends NettyClientConnectionFactory {

		private final AtomicInteger calls = new AtomicInteger();

		private final @Nullable IOException failure;

		ThrowingFactory(int port, EventLoops loops) {
			this(port, loops, null);
		}

		/** Fails twice with that, or throws. */
		ThrowingFactory(int port, EventLoops loops, @Nullable IOException failure) {
			super("127.0.0.1", port, loops);
			this.failure = failure;
		}

		@Override
		public CompletableFuture<NettyTcpConnection> connect(EventLoop loop, InetSocketAddress server, Duration timeout,
				Consumer<NettyTcpConnection> introduce) {
			if (this.calls.incrementAndGet() <= 2) {
				if (this.failure != null) {
					return CompletableFuture.failedFuture(this.failure);
				}
				throw new IllegalStateException("of the test");
			}
			return super.connect(loop, server, timeout, introduce);
		}

	}

	private static final class ThrowingObserver implements UpstreamObserver {

		@Override
		public void acquired(long nanos) {
			throw new IllegalStateException("of the test");
		}

		@Override
		public void used(long nanos) {
			throw new IllegalStateException("of the test");
		}

		@Override
		public void created(long nanos) {
			throw new IllegalStateException("of the test");
		}

	}

}
