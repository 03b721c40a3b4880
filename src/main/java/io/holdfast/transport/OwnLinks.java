package io.holdfast.transport;

import java.util.concurrent.atomic.AtomicInteger;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;

/**
 * The links that were opened from some event loops, those that still connect included.
 * Any thread.
 */
final class OwnLinks {

	private final AtomicInteger open = new AtomicInteger();

	private final ChannelFutureListener closed = (gone) -> this.open.decrementAndGet();

	/** Counts a link until its channel is closed. */
	void count(Channel link) {
		this.open.incrementAndGet();
		link.closeFuture().addListener(this.closed);
	}

	int open() {
		return this.open.get();
	}

}
