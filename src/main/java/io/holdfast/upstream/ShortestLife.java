package io.holdfast.upstream;

import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.netty.channel.EventLoop;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.resolver.dns.DnsCache;
import io.netty.resolver.dns.DnsCacheEntry;
import org.jspecify.annotations.Nullable;

/**
 * Sees the records of one look-up as Netty would cache them, and tells the shortest time
 * to live among them. Keeps none.
 */
final class ShortestLife implements DnsCache {

	private long seconds = Long.MAX_VALUE;

	long nanos() {
		return (this.seconds == Long.MAX_VALUE) ? 0 : TimeUnit.SECONDS.toNanos(this.seconds);
	}

	@Override
	public void clear() {
	}

	@Override
	public boolean clear(String hostname) {
		return false;
	}

	@Override
	public List<? extends DnsCacheEntry> get(String hostname, DnsRecord[] additionals) {
		return List.of();
	}

	@Override
	public DnsCacheEntry cache(String hostname, DnsRecord[] additionals, InetAddress address, long originalTtl,
			EventLoop loop) {
		this.seconds = Math.min(this.seconds, originalTtl);
		return new Entry(address, null);
	}

	@Override
	public DnsCacheEntry cache(String hostname, DnsRecord[] additionals, Throwable cause, EventLoop loop) {
		return new Entry(null, cause);
	}

	private record Entry(@Nullable InetAddress address, @Nullable Throwable cause) implements DnsCacheEntry {

	}

}
