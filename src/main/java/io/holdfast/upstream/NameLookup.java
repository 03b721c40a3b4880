package io.holdfast.upstream;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.DnsServerAddressStreamProviders;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.DefaultThreadFactory;

/**
 * Looks names up in the hosts file and in DNS, on one thread of its own on which nothing
 * blocks. Keeps an answer for as long as the name servers allow, and keeps the last one
 * for a name that cannot be looked up any more. One query runs for a name at a time; all
 * who ask meanwhile share it. Any thread.
 */
public final class NameLookup implements AutoCloseable {

	private static final long CLOSE_TIMEOUT_SECONDS = 2;

	private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1,
			new DefaultThreadFactory("holdfast-names", /* daemon= */ true), NioIoHandler.newFactory());

	private final EventLoop loop = this.group.next();

	private final DnsServerAddressStreamProvider servers;

	private final LongSupplier nanoTime;

	/** Names come from the settings, so there are only so many. */
	private final Map<String, KnownName> names = new ConcurrentHashMap<>();

	private volatile boolean closed;

	/**
	 * Asks the name servers of the system. Starts no thread before the first question.
	 * @param nanoTime as {@link System#nanoTime()}
	 */
	public NameLookup(LongSupplier nanoTime) {
		this(DnsServerAddressStreamProviders.platformDefault(), nanoTime);
	}

	NameLookup(DnsServerAddressStreamProvider servers, LongSupplier nanoTime) {
		this.servers = servers;
		this.nanoTime = nanoTime;
	}

	/** Whether there is nothing to look up. */
	static boolean isAddress(String host) {
		return NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host);
	}

	/**
	 * All addresses of a name.
	 * @param settings how long to wait, and how old an answer may be
	 * @return completed on the thread of the look-ups; fails with
	 * {@link UnknownHostException} after the timeout at the latest, and only if the name
	 * has never been found
	 */
	CompletableFuture<Found> addressesOf(String host, DnsSettings settings) {
		if (this.closed) {
			// a loop that is about to end would still accept the task
			return CompletableFuture.failedFuture(new UnknownHostException("look-ups have ended"));
		}
		CompletableFuture<Found> found = new CompletableFuture<>();
		KnownName name = this.names.computeIfAbsent(host,
				(absent) -> new KnownName(absent, this.loop, this.servers, this.nanoTime));
		try {
			this.loop.execute(() -> name.tell(found, settings));
		}
		catch (RejectedExecutionException ex) {
			found.completeExceptionally(new UnknownHostException("look-ups have ended"));
		}
		return found;
	}

	@Override
	public void close() {
		this.closed = true;
		this.group.shutdownGracefully(0, CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS);
	}

	/**
	 * What a name stands for.
	 *
	 * @param addresses its addresses, without duplicates
	 * @param lasts how much longer the answer may be relied on; zero for one that is old
	 * because there is no newer one
	 */
	record Found(List<InetAddress> addresses, Duration lasts) {

	}

}
