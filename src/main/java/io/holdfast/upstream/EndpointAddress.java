package io.holdfast.upstream;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.netty.util.NetUtil;

/**
 * Where an upstream server listens. Nothing is looked up here.
 *
 * @param host a name, an IPv4 address, or an IPv6 address without brackets
 * @param port TCP port, 1 to 65535
 */
public record EndpointAddress(String host, int port) {

	private static final int MAX_PORT = 65535;

	private static final Pattern FORM = Pattern
		.compile("(\\[(?<six>[^\\[\\]]+)\\]|(?<host>[A-Za-z0-9._-]+)):(?<port>-?[0-9]+)");

	private static final Pattern DIGITS_AND_DOTS = Pattern.compile("[0-9.]+");

	public EndpointAddress {
		if (port < 1 || port > MAX_PORT) {
			throw new IllegalArgumentException("has the port " + port + "; must be from 1 to " + MAX_PORT);
		}
	}

	/**
	 * Reads an address as it is written in the settings.
	 * @param text such as 10.0.0.5:7001, name:7001 or [::1]:7001
	 * @return the address
	 * @throws IllegalArgumentException if it is none, with what would be right
	 */
	public static EndpointAddress parse(String text) {
		Matcher form = FORM.matcher(text);
		if (!form.matches()) {
			throw wrong("is no address with a port");
		}
		String host = (form.group("six") != null) ? form.group("six") : form.group("host");
		boolean valid = (form.group("six") != null) ? NetUtil.isValidIpV6Address(host)
				: !DIGITS_AND_DOTS.matcher(host).matches() || NetUtil.isValidIpV4Address(host);
		if (!valid) {
			throw wrong("has the wrong address '" + host + "'");
		}
		try {
			return new EndpointAddress(host, Integer.parseInt(form.group("port")));
		}
		catch (NumberFormatException ex) {
			throw wrong("has too large a port");
		}
	}

	private static IllegalArgumentException wrong(String what) {
		return new IllegalArgumentException(what + "; give one such as 10.0.0.5:7001, name:7001 or [::1]:7001");
	}

	/**
	 * The form that can be parsed.
	 */
	@Override
	public String toString() {
		return ((this.host.indexOf(':') >= 0) ? "[" + this.host + "]" : this.host) + ":" + this.port;
	}

}
