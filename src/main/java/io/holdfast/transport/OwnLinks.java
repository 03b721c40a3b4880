package io.holdfast.transport;

import java.net.SocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import org.jspecify.annotations.Nullable;

/**
 * The links that were opened from some event loops, those that still connect included.
 * Any thread.
 */
final class OwnLinks {

	private final AtomicInteger open = new AtomicInteger();

	private final Set<SocketAddress> addresses = ConcurrentHashMap.newKeySet();

	private final ChannelFutureListener closed = (gone) -> this.open.decrementAndGet();

	/** Counts a link until its channel is closed. */
	void count(Channel link) {
		this.open.incrementAndGet();
		link.closeFuture().addListener(this.closed);
	}

	/** Knows a link that is connected by its own address until its channel is closed. */
	void connected(Channel link) {
		SocketAddress local = link.localAddress();
		if (local != null) {
			this.addresses.add(local);
			link.closeFuture().addListener((gone) -> this.addresses.remove(local));
		}
	}

	int open() {
		return this.open.get();
	}

	/** Whether an accepted connection is the other end of one of them. */
	boolean include(@Nullable SocketAddress remote) {
		return remote != null && this.addresses.contains(remote);
	}

}
