package io.holdfast.transport;

import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accepts on a port for as long as that is wanted. While the machine cannot take one
 * more, who comes waits in the kernel's backlog and is tried each second; that is told
 * when it begins and when it is over. Belongs to the port's loop.
 */
final class Acceptor extends ChannelInboundHandlerAdapter {

	private static final long RETRY_MILLIS = 1000;

	private static final Logger logger = LoggerFactory.getLogger(Acceptor.class);

	private boolean wanted = true;

	private boolean failing;

	private long failingSinceNanos;

	/** Loop: accepts on a port from now on, or does not. Nothing on a closed one. */
	static void want(Channel port, boolean accepting) {
		Acceptor acceptor = port.pipeline().get(Acceptor.class);
		if (acceptor != null) {
			acceptor.wanted = accepting;
			port.config().setAutoRead(accepting);
		}
	}

	@Override
	public void channelRead(ChannelHandlerContext context, Object accepted) {
		if (this.failing) {
			this.failing = false;
			long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - this.failingSinceNanos);
			logger.info("port {} - accepts connections again, after {} ms", number(context), millis);
		}
		context.fireChannelRead(accepted);
	}

	/** Not passed on: Netty would log it each time, and wait as long. */
	@Override
	public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
		context.channel().config().setAutoRead(false);
		context.executor().schedule(() -> want(context.channel(), this.wanted), RETRY_MILLIS, TimeUnit.MILLISECONDS);
		if (!this.failing) {
			this.failing = true;
			this.failingSinceNanos = System.nanoTime();
			logger.warn(
					"port {} - cannot accept connections: {}; who comes waits in the backlog and is tried every {} ms,"
							+ " see the limit of open files (ulimit -n, LimitNOFILE)",
					number(context), systemsWords(cause), RETRY_MILLIS);
		}
	}

	private static int number(ChannelHandlerContext context) {
		return ((InetSocketAddress) context.channel().localAddress()).getPort();
	}

	/** What the operating system says, without what Netty puts before it. */
	static String systemsWords(Throwable cause) {
		String message = String.valueOf(cause.getMessage());
		return message.substring(message.lastIndexOf(": ") + 1).strip();
	}

}
