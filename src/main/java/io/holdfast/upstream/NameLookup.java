package io.holdfast.upstream;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import io.netty.util.NetUtil;

import org.springframework.scheduling.concurrent.CustomizableThreadFactory;

/**
 * Looks names up with the operating system's means, on threads of its own because that
 * blocks. Keeps nothing; the JVM does, for its {@code networkaddress.cache.ttl}.
 */
public final class NameLookup implements AutoCloseable {

	private static final int MAX_THREADS = 8;

	private static final long KEEP_ALIVE_SECONDS = 10;

	private final ThreadPoolExecutor threads;

	public NameLookup() {
		CustomizableThreadFactory factory = new CustomizableThreadFactory("holdfast-names-");
		factory.setDaemon(true);
		this.threads = new ThreadPoolExecutor(MAX_THREADS, MAX_THREADS, KEEP_ALIVE_SECONDS, TimeUnit.SECONDS,
				new LinkedBlockingQueue<>(), factory);
		this.threads.allowCoreThreadTimeOut(true);
	}

	/** Whether there is nothing to look up. */
	static boolean isAddress(String host) {
		return NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host);
	}

	/**
	 * All addresses of a name, in the order in which the system gives them.
	 * @return fails with {@link UnknownHostException}
	 */
	CompletableFuture<List<InetAddress>> addressesOf(String host) {
		return CompletableFuture.supplyAsync(() -> {
			try {
				return List.of(InetAddress.getAllByName(host));
			}
			catch (UnknownHostException ex) {
				throw new CompletionException(ex);
			}
		}, this.threads);
	}

	@Override
	public void close() {
		this.threads.shutdownNow();
	}

}
