package io.holdfast.upstream;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

import io.holdfast.upstream.NameLookup.Found;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.resolver.HostsFileEntriesProvider;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsNameResolverChannelStrategy;
import io.netty.resolver.dns.DnsNameResolverTimeoutException;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.NoopAuthoritativeDnsServerCache;
import io.netty.resolver.dns.NoopDnsCnameCache;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;

/**
 * One name, its latest answer, and those who wait for one. Belongs to the loop of the
 * look-ups.
 */
final class KnownName {

	/** No answer is asked for again within this time, whatever the name servers say. */
	private static final long LEAST_NANOS = TimeUnit.SECONDS.toNanos(1);

	/**
	 * Queries for one look-up, over both kinds of addresses and all name servers. Each
	 * has as large a share of the timeout, so that one that is not answered leaves time
	 * for what the others have found.
	 */
	private static final int MAX_QUERIES = 6;

	private static final long LEAST_QUERY_MILLIS = 20;

	private final String host;

	private final EventLoop loop;

	private final DnsServerAddressStreamProvider servers;

	private final LongSupplier nanoTime;

	private final List<Waiter> waiters = new ArrayList<>();

	private boolean asked;

	private @Nullable List<InetAddress> addresses;

	private long foundNanos;

	private long lifeNanos;

	KnownName(String host, EventLoop loop, DnsServerAddressStreamProvider servers, LongSupplier nanoTime) {
		this.host = host;
		this.loop = loop;
		this.servers = servers;
		this.nanoTime = nanoTime;
	}

	/** Tells what is known if that is fresh, else asks. */
	void tell(CompletableFuture<Found> asker, DnsSettings settings) {
		List<InetAddress> known = this.addresses;
		long left = Math.min(this.lifeNanos, settings.refresh().toNanos())
				- (this.nanoTime.getAsLong() - this.foundNanos);
		if (known != null && left > 0) {
			asker.complete(new Found(known, Duration.ofNanos(left)));
			return;
		}
		Waiter waiter = new Waiter(asker, settings);
		waiter.deadline = this.loop.schedule(() -> giveUp(waiter), settings.timeout().toNanos(), TimeUnit.NANOSECONDS);
		this.waiters.add(waiter);
		if (!this.asked) {
			this.asked = true;
			ask(settings);
		}
	}

	private void giveUp(Waiter waiter) {
		if (this.waiters.remove(waiter)) {
			fail(waiter, new UnknownHostException("name servers do not answer"));
		}
	}

	private void ask(DnsSettings settings) {
		List<InetAddress> listed = hostsFile();
		if (!listed.isEmpty()) {
			found(listed, Long.MAX_VALUE);
			return;
		}
		ShortestLife life = new ShortestLife();
		DnsNameResolver resolver = resolver(settings, life);
		resolver.resolveAll(this.host).addListener((Future<List<InetAddress>> answer) -> {
			resolver.close();
			if (answer.isSuccess()) {
				found(answer.getNow().stream().distinct().toList(), life.nanos());
			}
			else {
				failed(answer.cause());
			}
		});
	}

	private List<InetAddress> hostsFile() {
		HostsFileEntriesProvider entries = HostsFileEntriesProvider.parser().parseSilently();
		String key = this.host.toLowerCase(Locale.ENGLISH);
		List<InetAddress> listed = Stream
			.concat(entries.ipv4Entries().getOrDefault(key, List.of()).stream(),
					entries.ipv6Entries().getOrDefault(key, List.of()).stream())
			.distinct()
			.toList();
		// RFC 6761: never asked of a name server
		return (listed.isEmpty() && key.equals("localhost")) ? List.of(InetAddress.getLoopbackAddress()) : listed;
	}

	private DnsNameResolver resolver(DnsSettings settings, ShortestLife life) {
		return new DnsNameResolverBuilder(this.loop).datagramChannelType(NioDatagramChannel.class)
			.socketChannelType(NioSocketChannel.class)
			.datagramChannelStrategy(DnsNameResolverChannelStrategy.ChannelPerResolution)
			.nameServerProvider(this.servers)
			// read above, all lines of it and each time
			.hostsFileEntriesResolver((name, types) -> null)
			.resolveCache(life)
			.cnameCache(NoopDnsCnameCache.INSTANCE)
			.authoritativeDnsServerCache(NoopAuthoritativeDnsServerCache.INSTANCE)
			.queryTimeoutMillis(Math.max(LEAST_QUERY_MILLIS, settings.timeout().toMillis() / MAX_QUERIES))
			.maxQueriesPerResolve(MAX_QUERIES)
			// else addresses of the other kind would come and go with the order of
			// answers
			.completeOncePreferredResolved(false)
			.build();
	}

	private void found(List<InetAddress> answer, long life) {
		this.asked = false;
		this.addresses = answer;
		this.foundNanos = this.nanoTime.getAsLong();
		this.lifeNanos = Math.max(LEAST_NANOS, life);
		takeAll().forEach((waiter) -> {
			waiter.cancelDeadline();
			long lasts = Math.min(this.lifeNanos, waiter.settings.refresh().toNanos());
			waiter.asker.complete(new Found(answer, Duration.ofNanos(lasts)));
		});
	}

	private void failed(Throwable cause) {
		this.asked = false;
		UnknownHostException failure = new UnknownHostException(
				isTimeout(cause) ? "name servers do not answer" : "name is not known");
		failure.initCause(cause);
		takeAll().forEach((waiter) -> {
			waiter.cancelDeadline();
			fail(waiter, failure);
		});
	}

	private static boolean isTimeout(Throwable cause) {
		for (Throwable each = cause; each != null; each = each.getCause()) {
			if (each instanceof DnsNameResolverTimeoutException) {
				return true;
			}
		}
		return false;
	}

	/** An answer that is old is better than none. */
	private void fail(Waiter waiter, UnknownHostException failure) {
		List<InetAddress> known = this.addresses;
		if (known != null) {
			waiter.asker.complete(new Found(known, Duration.ZERO));
		}
		else {
			waiter.asker.completeExceptionally(failure);
		}
	}

	private List<Waiter> takeAll() {
		List<Waiter> all = List.copyOf(this.waiters);
		this.waiters.clear();
		return all;
	}

	private static final class Waiter {

		private final CompletableFuture<Found> asker;

		private final DnsSettings settings;

		private @Nullable ScheduledFuture<?> deadline;

		Waiter(CompletableFuture<Found> asker, DnsSettings settings) {
			this.asker = asker;
			this.settings = settings;
		}

		private void cancelDeadline() {
			ScheduledFuture<?> scheduled = this.deadline;
			if (scheduled != null) {
				scheduled.cancel(false);
			}
		}

	}

}
