package io.holdfast.upstream;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

import io.holdfast.transport.EventLoops;
import io.netty.channel.EventLoop;

import org.springframework.integration.ip.tcp.connection.AbstractClientConnectionFactory;
import org.springframework.integration.ip.tcp.connection.TcpConnection;
import org.springframework.integration.ip.tcp.connection.TcpConnectionSupport;
import org.springframework.integration.util.PoolItemNotAvailableException;

/**
 * An upstream's pool in the shape of Spring Integration's caching connection factory, for
 * outbound gateways and adapters of an application's own. Each connection is a link that
 * is the caller's until it is closed, or has brought a reply to a listener; frames come
 * on workers.
 * <p>
 * {@link #getConnection()} blocks until a link is there, for the acquire timeout at most,
 * or the pause timeout while the upstream is paused, so it is refused on event loops.
 * Settings of sockets and framing are the upstream's and cannot be set here.
 */
public final class UpstreamConnectionFactory extends AbstractClientConnectionFactory {

	private final Upstream upstream;

	private final EventLoops loops;

	/**
	 * A factory that is started and stopped with the upstream.
	 */
	public UpstreamConnectionFactory(Upstream upstream, EventLoops loops) {
		super(upstream.settings().addresses().get(0).host(), upstream.settings().addresses().get(0).port());
		this.upstream = upstream;
		this.loops = loops;
		super.setSingleUse(true);
	}

	/**
	 * Each caller has a connection for itself.
	 */
	@Override
	public boolean isSingleUse() {
		return true;
	}

	@Override
	public boolean isRunning() {
		return this.upstream.isRunning();
	}

	@Override
	public void start() {
		setActive(true);
	}

	/** The links are the upstream's, and stay. */
	@Override
	public void stop() {
		setActive(false);
	}

	@Override
	protected TcpConnectionSupport obtainConnection() throws InterruptedException {
		if (EventLoops.isCurrentThread()) {
			throw new IllegalStateException("a link of upstream '" + this.upstream.name()
					+ "' was asked for on an event loop, which must not block; use a channel with an executor");
		}
		Waiter waiter = new Waiter(this.loops.preferred());
		Link idle = this.upstream.acquire(waiter);
		if (idle != null) {
			waiter.granted(idle);
		}
		return take(awaitLink(waiter));
	}

	private Link awaitLink(Waiter waiter) throws InterruptedException {
		try {
			return waiter.link.get();
		}
		catch (InterruptedException ex) {
			this.upstream.cancel(waiter);
			waiter.link.thenAccept(Link::release);
			throw ex;
		}
		catch (ExecutionException ex) {
			throw notAvailable(ex);
		}
	}

	private LentConnection take(Link link) throws InterruptedException {
		LentConnection lent = new LentConnection(link, getListener(),
				(closed) -> this.connections.remove(closed.getConnectionId()));
		// adapters close it by its id
		this.connections.put(lent.getConnectionId(), lent);
		try {
			// on its loop, where frames come in
			CompletableFuture.runAsync(lent::take, link.eventLoop()).get();
			return lent;
		}
		catch (InterruptedException ex) {
			lent.close();
			throw ex;
		}
		catch (ExecutionException ex) {
			throw notAvailable(ex);
		}
	}

	private static PoolItemNotAvailableException notAvailable(ExecutionException failure) {
		Throwable cause = (failure.getCause() != null) ? failure.getCause() : failure;
		return new PoolItemNotAvailableException(String.valueOf(cause.getMessage()), cause);
	}

	/**
	 * Closes the connection for good, as a gateway does whose reply did not come.
	 */
	@Override
	public void forceClose(TcpConnection connection) {
		if (connection instanceof LentConnection lent) {
			lent.discard();
		}
		super.forceClose(connection);
	}

	private static final class Waiter implements Borrower {

		private final EventLoop loop;

		private final CompletableFuture<Link> link = new CompletableFuture<>();

		Waiter(EventLoop loop) {
			this.loop = loop;
		}

		@Override
		public EventLoop eventLoop() {
			return this.loop;
		}

		@Override
		public boolean keepsLink() {
			return false;
		}

		@Override
		public void granted(Link granted) {
			this.link.complete(granted);
		}

		@Override
		public void refused(NoLinkException reason) {
			this.link.completeExceptionally(reason);
		}

	}

}
