package io.holdfast.transport;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketImpl;

import io.netty.channel.ChannelException;
import io.netty.channel.socket.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * A Netty channel in the shape of a {@link Socket}, for the places where Spring
 * Integration wants one: options can be read and set, addresses asked, the socket closed.
 * Its streams cannot be had, since the channel reads and writes them.
 */
@SuppressWarnings("UnsynchronizedOverridesSynchronized") // the channel guards its own
															// options
final class ChannelSocket extends Socket {

	private final SocketChannel channel;

	private final InetSocketAddress remote;

	private final InetSocketAddress local;

	private volatile int soTimeout;

	ChannelSocket(SocketChannel channel) throws SocketException {
		super((SocketImpl) null);
		this.channel = channel;
		InetSocketAddress remoteAddress = channel.remoteAddress();
		InetSocketAddress localAddress = channel.localAddress();
		if (remoteAddress == null || localAddress == null) {
			throw new SocketException("Socket is not connected");
		}
		this.remote = remoteAddress;
		this.local = localAddress;
	}

	SocketChannel channel() {
		return this.channel;
	}

	InetSocketAddress remote() {
		return this.remote;
	}

	InetSocketAddress local() {
		return this.local;
	}

	private void set(Runnable option) throws SocketException {
		try {
			option.run();
		}
		catch (ChannelException ex) {
			throw new SocketException(String.valueOf(ex.getMessage()));
		}
	}

	@Override
	public InetAddress getInetAddress() {
		return this.remote.getAddress();
	}

	@Override
	public InetAddress getLocalAddress() {
		return this.local.getAddress();
	}

	@Override
	public int getPort() {
		return this.remote.getPort();
	}

	@Override
	public int getLocalPort() {
		return this.local.getPort();
	}

	@Override
	public SocketAddress getRemoteSocketAddress() {
		return this.remote;
	}

	@Override
	public SocketAddress getLocalSocketAddress() {
		return this.local;
	}

	@Override
	public java.nio.channels.@Nullable SocketChannel getChannel() {
		return null;
	}

	@Override
	public void connect(SocketAddress endpoint, int timeout) throws IOException {
		throw new SocketException("already connected");
	}

	@Override
	public void bind(SocketAddress bindpoint) throws IOException {
		throw new SocketException("Already bound");
	}

	@Override
	public InputStream getInputStream() throws IOException {
		throw new SocketException("the connection's frames are read by the transport; register a TcpListener");
	}

	@Override
	public OutputStream getOutputStream() throws IOException {
		throw new SocketException("the connection's frames are written by the transport; use TcpConnection.send");
	}

	@Override
	public void setTcpNoDelay(boolean on) throws SocketException {
		set(() -> this.channel.config().setTcpNoDelay(on));
	}

	@Override
	public boolean getTcpNoDelay() {
		return this.channel.config().isTcpNoDelay();
	}

	@Override
	public void setSoLinger(boolean on, int linger) throws SocketException {
		set(() -> this.channel.config().setSoLinger(on ? linger : -1));
	}

	@Override
	public int getSoLinger() {
		return this.channel.config().getSoLinger();
	}

	@Override
	public void setSoTimeout(int timeout) {
		this.soTimeout = timeout;
	}

	@Override
	public int getSoTimeout() {
		return this.soTimeout;
	}

	@Override
	public void setSendBufferSize(int size) throws SocketException {
		set(() -> this.channel.config().setSendBufferSize(size));
	}

	@Override
	public int getSendBufferSize() {
		return this.channel.config().getSendBufferSize();
	}

	@Override
	public void setReceiveBufferSize(int size) throws SocketException {
		set(() -> this.channel.config().setReceiveBufferSize(size));
	}

	@Override
	public int getReceiveBufferSize() {
		return this.channel.config().getReceiveBufferSize();
	}

	@Override
	public void setKeepAlive(boolean on) throws SocketException {
		set(() -> this.channel.config().setKeepAlive(on));
	}

	@Override
	public boolean getKeepAlive() {
		return this.channel.config().isKeepAlive();
	}

	@Override
	public void setTrafficClass(int trafficClass) throws SocketException {
		set(() -> this.channel.config().setTrafficClass(trafficClass));
	}

	@Override
	public int getTrafficClass() {
		return this.channel.config().getTrafficClass();
	}

	@Override
	public void setReuseAddress(boolean on) throws SocketException {
		set(() -> this.channel.config().setReuseAddress(on));
	}

	@Override
	public boolean getReuseAddress() {
		return this.channel.config().isReuseAddress();
	}

	@Override
	public void setOOBInline(boolean on) throws SocketException {
		if (on) {
			throw new SocketException("urgent data cannot be received in line");
		}
	}

	@Override
	public boolean getOOBInline() {
		return false;
	}

	@Override
	public void sendUrgentData(int data) throws IOException {
		throw new SocketException("urgent data cannot be sent");
	}

	@Override
	public void close() {
		this.channel.close();
	}

	@Override
	public void shutdownInput() {
		this.channel.shutdownInput();
	}

	@Override
	public void shutdownOutput() {
		FrameHandler handler = FrameHandler.of(this.channel);
		handler.onLoop(handler::endOutput);
	}

	@Override
	public boolean isConnected() {
		return true;
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
	public boolean isInputShutdown() {
		return this.channel.isInputShutdown();
	}

	@Override
	public boolean isOutputShutdown() {
		return this.channel.isOutputShutdown();
	}

	@Override
	public String toString() {
		return "Socket[addr=" + this.remote.getAddress() + ",port=" + this.remote.getPort() + ",localport="
				+ this.local.getPort() + "]";
	}

}
