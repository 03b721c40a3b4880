package io.holdfast.upstream;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.CompletionException;

import io.holdfast.liveness.Liveness;
import io.holdfast.transport.NettyClientConnectionFactory;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/**
 * Opens links: looks the endpoint's name up, each time anew, and connects. Blocks no
 * event loop.
 */
final class LinkOpener {

	private final NettyClientConnectionFactory factory;

	private final NameLookup names;

	private final Duration timeout;

	private final Liveness liveness;

	LinkOpener(NettyClientConnectionFactory factory, NameLookup names, Duration timeout, Liveness liveness) {
		this.factory = factory;
		this.names = names;
		this.timeout = timeout;
		this.liveness = liveness;
	}

	/**
	 * Opens one link.
	 * @param loop where it is to live, and the caller is
	 * @param opening told how it went
	 */
	void open(EventLoop loop, Endpoint endpoint, Supply.Opening opening) {
		String host = endpoint.name().host();
		if (NameLookup.isAddress(host)) {
			connect(loop, endpoint, opening);
			return;
		}
		this.names.addressesOf(host).whenCompleteAsync((addresses, failure) -> {
			if (failure != null) {
				opening.failed(endpoint, new UnknownHostException("name is not known"));
			}
			else {
				connect(loop, opening.resolved(endpoint, addresses), opening);
			}
		}, loop);
	}

	private void connect(EventLoop loop, Endpoint endpoint, Supply.Opening opening) {
		InetSocketAddress address = endpoint.address();
		if (address == null) {
			opening.failed(endpoint, new UnknownHostException("name is not known"));
			return;
		}
		Introduction introduction = new Introduction();
		this.factory.connect(loop, address, this.timeout, (connection) -> {
			Link link = opening.introduce(endpoint, connection);
			introduction.link = link;
			this.liveness.watch(connection, (silent, reason, message) -> link.missedHeartbeats());
		}).whenComplete((connection, failure) -> {
			Link link = introduction.link;
			// one that has ended already would never leave the pool again
			if (failure == null && link != null && link.isOpen()) {
				opening.succeeded(link);
			}
			else {
				opening.failed(endpoint, cause(failure));
			}
		});
	}

	private static Throwable cause(@Nullable Throwable failure) {
		if (failure instanceof CompletionException wrapped && wrapped.getCause() != null) {
			return wrapped.getCause();
		}
		return (failure != null) ? failure : new IOException("closed as soon as it was opened");
	}

	private static final class Introduction {

		private @Nullable Link link;

	}

}
