package io.holdfast.transport;

import java.util.Objects;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollIoOps;

/**
 * Netty's epoll, but a socket stays registered while it waits for nothing. Netty takes
 * such a socket out of epoll and then fails to put it back (seen in 4.2.15 to 4.2.18 as
 * {@code epoll_ctl(..) failed with error(-2)}), which loses what is still to be written
 * to a peer that has ended its own output. "Nothing" is therefore put to epoll as
 * edge-triggered nothing: an error or a hang-up wakes the loop once, not for ever.
 */
final class LastingEpoll implements IoHandler {

	private final IoHandler epoll;

	private LastingEpoll(IoHandler epoll) {
		this.epoll = epoll;
	}

	static IoHandlerFactory newFactory() {
		IoHandlerFactory factory = EpollIoHandler.newFactory();
		return (executor) -> new LastingEpoll(factory.newHandler(executor));
	}

	@Override
	public void initialize() {
		this.epoll.initialize();
	}

	@Override
	public int run(IoHandlerContext context) {
		return this.epoll.run(context);
	}

	@Override
	public void prepareToDestroy() {
		this.epoll.prepareToDestroy();
	}

	@Override
	public void destroy() {
		this.epoll.destroy();
	}

	@Override
	public IoRegistration register(IoHandle handle) throws Exception {
		return new Registration(this.epoll.register(handle));
	}

	@Override
	public void wakeup() {
		this.epoll.wakeup();
	}

	@Override
	public boolean isCompatible(Class<? extends IoHandle> handleType) {
		return this.epoll.isCompatible(handleType);
	}

	private record Registration(IoRegistration registration) implements IoRegistration {

		@Override
		@SuppressWarnings("TypeParameterUnusedInFormals") // as Netty declares it
		public <T> T attachment() {
			return this.registration.attachment();
		}

		@Override
		public long submit(IoOps ops) {
			return this.registration.submit(Objects.equals(ops, EpollIoOps.NONE) ? EpollIoOps.EPOLLET : ops);
		}

		@Override
		public boolean isValid() {
			return this.registration.isValid();
		}

		@Override
		public boolean cancel() {
			return this.registration.cancel();
		}

	}

}
