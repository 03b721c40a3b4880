package io.holdfast.listener;

import java.io.IOException;
import java.net.InetSocketAddress;

/**
 * A listener's port could not be opened.
 */
public final class ListenerNotBoundException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final String listener;

	private final InetSocketAddress address;

	public ListenerNotBoundException(String listener, InetSocketAddress address, IOException cause) {
		super("listener '" + listener + "' - cannot bind " + address.getHostString() + ":" + address.getPort() + ": "
				+ cause.getMessage(), cause);
		this.listener = listener;
		this.address = address;
	}

	public String listener() {
		return this.listener;
	}

	public InetSocketAddress address() {
		return this.address;
	}

}
