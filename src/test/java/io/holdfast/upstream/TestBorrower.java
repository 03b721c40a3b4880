package io.holdfast.upstream;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import io.netty.channel.EventLoop;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A borrower whose test waits for what it is told. Other tests have it told to a
 * consumer, on its loop.
 */
final class TestBorrower implements Borrower {

	private final EventLoop loop;

	private final BlockingQueue<Object> told = new LinkedBlockingQueue<>();

	private final Consumer<Object> listener;

	private boolean keepsLink;

	private long leftNanos = Long.MAX_VALUE;

	private long nowNanos;

	TestBorrower(EventLoop loop) {
		this.loop = loop;
		this.listener = this.told::add;
	}

	TestBorrower(EventLoop loop, Consumer<Object> listener) {
		this.loop = loop;
		this.listener = listener;
	}

	TestBorrower keepingIt() {
		this.keepsLink = true;
		return this;
	}

	/** Has so little of its time left. */
	TestBorrower withLeft(Duration left, long nanoTime) {
		this.leftNanos = left.toNanos();
		this.nowNanos = nanoTime;
		return this;
	}

	/** Asks for a link, and expects to wait. */
	TestBorrower waitFor(Upstream upstream) {
		assertThat(upstream.acquire(this)).isNull();
		return this;
	}

	/** The link that it has got, or gets within ten seconds. */
	Link link() {
		return (Link) next();
	}

	NoLinkException refusal() {
		return (NoLinkException) next();
	}

	boolean isWaiting() {
		return this.told.isEmpty();
	}

	private Object next() {
		try {
			return Objects.requireNonNull(this.told.poll(10, TimeUnit.SECONDS), "told nothing");
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	@Override
	public EventLoop eventLoop() {
		return this.loop;
	}

	@Override
	public boolean keepsLink() {
		return this.keepsLink;
	}

	@Override
	public long deadlineNanos(long latestNanos) {
		return (this.leftNanos < Long.MAX_VALUE) ? this.nowNanos + this.leftNanos : latestNanos;
	}

	@Override
	public void granted(Link link) {
		assertThat(this.loop.inEventLoop()).isTrue();
		this.listener.accept(link);
	}

	@Override
	public void refused(NoLinkException reason) {
		assertThat(this.loop.inEventLoop()).isTrue();
		this.listener.accept(reason);
	}

}
