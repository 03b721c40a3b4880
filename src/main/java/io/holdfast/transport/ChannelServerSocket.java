package io.holdfast.transport;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;

/**
 * A listening Netty channel in the shape of a {@link ServerSocket}, for Spring
 * Integration's socket support: the address can be asked and the options of a listening
 * socket read and set. It accepts nothing; the channel does.
 */
@SuppressWarnings("UnsynchronizedOverridesSynchronized") // the channel guards its own
															// options
final class ChannelServerSocket extends ServerSocket {

	private final Channel channel;

	private final InetSocketAddress local;

	ChannelServerSocket(Channel channel) throws IOException {
		this.channel = channel;
		this.local = (InetSocketAddress) channel.localAddress();
	}

	@Override
	public InetAddress getInetAddress() {
		return this.local.getAddress();
	}

	@Override
	public int getLocalPort() {
		return this.local.getPort();
	}

	@Override
	public SocketAddress getLocalSocketAddress() {
		return this.local;
	}

	@Override
	public void bind(SocketAddress endpoint, int backlog) throws IOException {
		throw new SocketException("Already bound");
	}

	@Override
	public Socket accept() throws IOException {
		throw new SocketException("connections are accepted by the transport");
	}

	@Override
	public void setReceiveBufferSize(int size) {
		this.channel.config().setOption(ChannelOption.SO_RCVBUF, size);
	}

	@Override
	public int getReceiveBufferSize() {
		return this.channel.config().getOption(ChannelOption.SO_RCVBUF);
	}

	@Override
	public void setReuseAddress(boolean on) {
		this.channel.config().setOption(ChannelOption.SO_REUSEADDR, on);
	}

	@Override
	public boolean getReuseAddress() {
		return this.channel.config().getOption(ChannelOption.SO_REUSEADDR);
	}

	@Override
	public void close() {
		this.channel.close();
	}

	@Override
	public boolean isBound() {
		return true;
	}

	@Override
	public boolean isClosed() {
		return !this.channel.isOpen();
	}

	@Override
	public String toString() {
		return "ServerSocket[addr=" + this.local.getAddress() + ",localport=" + this.local.getPort() + "]";
	}

}
