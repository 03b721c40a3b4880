package io.holdfast.transport;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;

import org.jspecify.annotations.Nullable;

/**
 * The address and port of a server of this process.
 *
 * @param address where it is bound, null for all addresses of the machine
 * @param port its port
 */
public record BoundAddress(@Nullable InetAddress address, int port) {

	/**
	 * Whether connecting to a target leads here. Asks the system for its own addresses
	 * where the ports are the same; looks no name up.
	 * @param target the target, resolved
	 */
	public boolean isReachedBy(InetAddress target, int targetPort) {
		if (targetPort != this.port) {
			return false;
		}
		InetAddress bound = this.address;
		boolean boundToAll = bound == null || bound.isAnyLocalAddress();
		// connecting to 0.0.0.0 leads to this machine
		return boundToAll ? isOfThisMachine(target) : target.isAnyLocalAddress() || target.equals(bound);
	}

	/**
	 * As {@link #isReachedBy(InetAddress, int)}; false for a name that is not resolved.
	 */
	boolean isReachedBy(InetSocketAddress target) {
		InetAddress resolved = target.getAddress();
		return resolved != null && isReachedBy(resolved, target.getPort());
	}

	private static boolean isOfThisMachine(InetAddress target) {
		try {
			return target.isAnyLocalAddress() || target.isLoopbackAddress()
					|| NetworkInterface.getByInetAddress(target) != null;
		}
		catch (SocketException ex) {
			return false;
		}
	}

}
