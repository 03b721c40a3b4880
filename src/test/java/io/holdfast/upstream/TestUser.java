package io.holdfast.upstream;

import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Holds a link and keeps what comes on it.
 */
final class TestUser implements LinkUser {

	private final Link link;

	private final BlockingQueue<byte[]> frames = new LinkedBlockingQueue<>();

	private final CountDownLatch lost = new CountDownLatch(1);

	private TestUser(Link link) {
		this.link = link;
	}

	/** Takes a link into use, on its loop. */
	static TestUser of(Link link) {
		return of(link, /* retries= */ false);
	}

	static TestUser of(Link link, boolean retries) {
		TestUser user = new TestUser(link);
		TestUpstream.on(link.eventLoop(), () -> link.use(user, retries));
		return user;
	}

	void send(byte[] frame) {
		TestUpstream.on(this.link.eventLoop(), () -> assertThat(this.link.onLoop().trySend(frame)).isTrue());
	}

	byte[] frame() {
		try {
			return Objects.requireNonNull(this.frames.poll(10, TimeUnit.SECONDS), "no frame has come");
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	boolean isLost() {
		return this.lost.getCount() == 0;
	}

	@Override
	public void received(Link from, byte[] frame) {
		assertThat(from.eventLoop().inEventLoop()).isTrue();
		this.frames.add(frame);
	}

	@Override
	public void writable(Link writable) {
	}

	@Override
	public void lost(Link gone) {
		this.lost.countDown();
	}

}
