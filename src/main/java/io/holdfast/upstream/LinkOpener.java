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
 * Opens links: looks the endpoint's name up where what is known of it is old, and
 * connects. Blocks no event loop.
 */
final class LinkOpener {

	private final NettyClientConnectionFactory factory;

	private final NameLookup names;

	private final DnsSettings dns;

	private final Duration timeout;

	private final Liveness liveness;

	LinkOpener(NettyClientConnectionFactory factory, NameLookup names, UpstreamSettings settings, Liveness liveness) {
		this.factory = factory;
		this.names = names;
		this.dns = settings.dns();
		this.timeout = settings.links().connectTimeout();
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
		this.names.addressesOf(host, this.dns).whenComplete((found, failure) -> {
			if (!Stock.run(loop, () -> lookedUp(loop, found, failure, opening))) {
				opening.failed(new IOException("event loop has ended"));
			}
		});
	}

	private void lookedUp(EventLoop loop, NameLookup.@Nullable Found found, @Nullable Throwable failure,
			Supply.Opening opening) {
		if (found == null) {
			opening.failed(cause(failure));
			return;
		}
		try {
			connect(loop, opening.resolved(found.addresses()), opening);
		}
		catch (RuntimeException ex) {
			opening.failed(ex);
		}
	}

	private void connect(EventLoop loop, Endpoint endpoint, Supply.Opening opening) {
		InetSocketAddress address = endpoint.address();
		if (address == null) {
			opening.failed(new UnknownHostException("name is not known"));
			return;
		}
		Introduction introduction = new Introduction();
		this.factory.connect(loop, address, this.timeout, (connection) -> {
			Link link = opening.introduce(connection);
			introduction.link = link;
			this.liveness.watch(connection, (silent, reason, message) -> link.missedHeartbeats());
		}).whenComplete((connection, failure) -> {
			Link link = introduction.link;
			// one that has ended already would never leave the pool again
			if (failure == null && link != null && link.isOpen()) {
				opening.succeeded(link);
			}
			else {
				opening.failed(cause(failure));
			}
		});
	}

	private static Throwable cause(@Nullable Throwable failure) {
		if (failure instanceof CompletionException wrapped && wrapped.getCause() != null) {
			return wrapped.getCause();
		}
		return (failure != null) ? failure : new FleetingLinkException("closed as soon as it was opened");
	}

	private static final class Introduction {

		private @Nullable Link link;

	}

}
