package io.holdfast.transport;

import java.net.InetSocketAddress;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accepts on one port while no {@link Hold} is set, neither for it nor for all ports.
 * Sets one itself when the system cannot accept, tries again each second, and logs when
 * that begins and when it is over. Belongs to the port's loop but for what is marked
 * otherwise.
 */
final class Acceptor extends ChannelInboundHandlerAdapter implements Ports.Port {

	private static final long RETRY_MILLIS = 1000;

	/** How long no accept must fail before the failure counts as over. */
	private static final long QUIET_MILLIS = 3000;

	private static final Logger logger = LoggerFactory.getLogger(Acceptor.class);

	private final Ports ports;

	private final boolean refusesOwnLinks;

	/** Replaced as a whole, never changed. */
	private volatile Set<Hold> holds = EnumSet.noneOf(Hold.class);

	private volatile @Nullable Channel port;

	private boolean failing;

	private long failingSinceNanos;

	private long lastFailureNanos;

	/**
	 * An acceptor of one port.
	 * @param refusesOwnLinks whether links of this process may not lead here
	 */
	Acceptor(Ports ports, boolean refusesOwnLinks) {
		this.ports = ports;
		this.refusesOwnLinks = refusesOwnLinks;
	}

	/** Loop: sets or releases a hold of one port. Does nothing on a closed one. */
	static void hold(Channel port, Hold hold, boolean held) {
		Acceptor acceptor = port.pipeline().get(Acceptor.class);
		if (acceptor != null) {
			acceptor.hold(hold, held);
		}
	}

	private boolean hold(Hold hold, boolean held) {
		Set<Hold> changed = EnumSet.copyOf(this.holds);
		if (!(held ? changed.add(hold) : changed.remove(hold))) {
			return false;
		}
		this.holds = changed;
		look();
		return true;
	}

	/**
	 * Any thread: all reasons for which a port accepts nobody, those of all ports too;
	 * none of a closed one.
	 */
	static Set<Hold> holds(Channel port) {
		Acceptor acceptor = port.pipeline().get(Acceptor.class);
		if (acceptor == null) {
			return EnumSet.noneOf(Hold.class);
		}
		Set<Hold> all = acceptor.ports.holds();
		all.addAll(acceptor.holds);
		return all;
	}

	/** Any thread. */
	@Override
	public void holdsChanged() {
		Channel channel = this.port;
		if (channel == null) {
			return;
		}
		try {
			channel.eventLoop().execute(this::look);
		}
		catch (RejectedExecutionException ex) {
			// the loop has ended, and the port with it
		}
	}

	@Override
	public boolean refusesLinkTo(InetSocketAddress target) {
		Channel channel = this.port;
		return this.refusesOwnLinks && channel != null && channel.localAddress() instanceof InetSocketAddress bound
				&& new BoundAddress(bound.getAddress(), bound.getPort()).isReachedBy(target);
	}

	private void look() {
		Channel channel = this.port;
		if (channel != null) {
			channel.config().setAutoRead(this.holds.isEmpty() && !this.ports.areHeld());
		}
	}

	/** Looks before anything is accepted: a hold may be older than the port. */
	@Override
	public void channelActive(ChannelHandlerContext context) {
		this.port = context.channel();
		this.ports.add(this);
		look();
		context.fireChannelActive();
	}

	@Override
	public void channelInactive(ChannelHandlerContext context) {
		this.port = null;
		this.ports.remove(this);
		context.fireChannelInactive();
	}

	@Override
	public void channelRead(ChannelHandlerContext context, Object accepted) {
		this.ports.count((Channel) accepted);
		context.fireChannelRead(accepted);
	}

	/** Not passed on: Netty would log it each time, and wait as long. */
	@Override
	public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
		this.lastFailureNanos = System.nanoTime();
		if (hold(Hold.FAILING, true)) {
			later(() -> hold(Hold.FAILING, false));
		}
		if (!this.failing) {
			this.failing = true;
			this.failingSinceNanos = this.lastFailureNanos;
			logger.warn(
					"port {} - cannot accept connections: {}; who comes waits in the backlog and is tried every {} ms,"
							+ " see the limit of open files (ulimit -n, LimitNOFILE)",
					number(context.channel()), systemsWords(cause), RETRY_MILLIS);
			later(this::tellEnd);
		}
	}

	/**
	 * Logs that the failure is over once several attempts have not failed: among those
	 * that do, some succeed.
	 */
	private void tellEnd() {
		Channel channel = this.port;
		if (channel == null) {
			return;
		}
		if (System.nanoTime() - this.lastFailureNanos < TimeUnit.MILLISECONDS.toNanos(QUIET_MILLIS)) {
			later(this::tellEnd);
			return;
		}
		this.failing = false;
		logger.info("port {} - accepts connections again, after {} ms", number(channel),
				TimeUnit.NANOSECONDS.toMillis(this.lastFailureNanos - this.failingSinceNanos) + RETRY_MILLIS);
	}

	private void later(Runnable task) {
		Channel channel = this.port;
		if (channel != null) {
			channel.eventLoop().schedule(task, RETRY_MILLIS, TimeUnit.MILLISECONDS);
		}
	}

	private static int number(Channel port) {
		return ((InetSocketAddress) port.localAddress()).getPort();
	}

	/** What the operating system says, without what Netty puts before it. */
	static String systemsWords(Throwable cause) {
		String message = String.valueOf(cause.getMessage());
		return message.substring(message.lastIndexOf(": ") + 1).strip();
	}

}
