package io.holdfast.actuate;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Collection;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

import io.netty.util.NetUtil;

/**
 * The values of the Host header that the management port answers to. A web page can make
 * its own name stand for the gateway's address, and its browser then sends that name
 * here; it cannot make the browser send an address, or the name of this machine.
 */
final class AllowedHosts {

	private static final String LOCALHOST = "localhost";

	private final Set<String> names = new HashSet<>();

	/**
	 * The names in the settings and those that the machine itself has.
	 * @param configured names, *.suffix for all names below a suffix, or * for all
	 */
	AllowedHosts(Collection<String> configured) {
		configured.forEach((name) -> this.names.add(normal(name)));
		this.names.add(LOCALHOST);
		this.names.add("*." + LOCALHOST);
		Stream.of(System.getenv("HOSTNAME"), machine())
			.filter((name) -> name != null && !name.isBlank())
			.forEach((name) -> this.names.add(normal(name)));
	}

	private static String machine() {
		try {
			return InetAddress.getLocalHost().getHostName();
		}
		catch (UnknownHostException ex) {
			return "";
		}
	}

	/**
	 * Whether the port may be called by this.
	 * @param host the value of a Host header, with or without a port
	 */
	boolean contains(String host) {
		if (host.startsWith("[")) {
			int end = host.indexOf(']');
			return end > 0 && NetUtil.isValidIpV6Address(host.substring(1, end));
		}
		int colon = host.indexOf(':');
		String name = normal((colon >= 0) ? host.substring(0, colon) : host);
		if (NetUtil.isValidIpV4Address(name) || this.names.contains("*") || this.names.contains(name)) {
			return true;
		}
		for (int dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
			if (this.names.contains("*" + name.substring(dot))) {
				return true;
			}
		}
		return false;
	}

	private static String normal(String name) {
		String lower = name.strip().toLowerCase(Locale.ROOT);
		return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
	}

}
