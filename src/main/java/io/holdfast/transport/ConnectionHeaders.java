package io.holdfast.transport;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import org.springframework.integration.ip.IpHeaders;
import org.springframework.messaging.MessageHeaders;

/**
 * The headers that all messages of one connection share: the stock ones less {@code id}
 * and {@code timestamp}. They are read off the connection when asked for, since a map of
 * them would cost every idle connection about 300 bytes.
 */
final class ConnectionHeaders extends MessageHeaders {

	private static final long serialVersionUID = 1L;

	private static final List<String> NAMES = List.of(IpHeaders.CONNECTION_ID, IpHeaders.HOSTNAME, IpHeaders.IP_ADDRESS,
			IpHeaders.REMOTE_PORT, IpHeaders.LOCAL_ADDRESS);

	private final transient NettyTcpConnection connection;

	ConnectionHeaders(NettyTcpConnection connection) {
		super(null, ID_VALUE_NONE, -1L);
		this.connection = connection;
	}

	private Map<String, Object> asMap() {
		Map<String, Object> map = new HashMap<>();
		NAMES.forEach((name) -> map.put(name, value(name)));
		return map;
	}

	private Object value(String name) {
		return switch (name) {
			case IpHeaders.CONNECTION_ID -> this.connection.getConnectionId();
			case IpHeaders.HOSTNAME -> this.connection.getHostName();
			case IpHeaders.IP_ADDRESS -> this.connection.getHostAddress();
			case IpHeaders.REMOTE_PORT -> this.connection.getPort();
			case IpHeaders.LOCAL_ADDRESS -> this.connection.localAddress().getAddress();
			default -> throw new IllegalArgumentException(name);
		};
	}

	@Override
	public @Nullable Object get(Object key) {
		return containsKey(key) ? value((String) key) : null;
	}

	@Override
	public <T> @Nullable T get(Object key, Class<T> type) {
		Object value = get(key);
		if (value == null) {
			return null;
		}
		if (!type.isInstance(value)) {
			throw new IllegalArgumentException("Incorrect type specified for header '" + key + "'. Expected [" + type
					+ "] but actual type is [" + value.getClass() + "]");
		}
		return type.cast(value);
	}

	@Override
	public boolean containsKey(Object key) {
		return key instanceof String && NAMES.contains(key);
	}

	@Override
	public boolean containsValue(Object value) {
		return asMap().containsValue(value);
	}

	@Override
	public Set<Map.Entry<String, Object>> entrySet() {
		return Map.copyOf(asMap()).entrySet();
	}

	@Override
	public Set<String> keySet() {
		return Set.copyOf(NAMES);
	}

	@Override
	public Collection<Object> values() {
		return List.copyOf(asMap().values());
	}

	@Override
	public boolean isEmpty() {
		return false;
	}

	@Override
	public int size() {
		return NAMES.size();
	}

	@Override
	public boolean equals(@Nullable Object other) {
		return this == other || (other instanceof MessageHeaders that && entrySet().equals(that.entrySet()));
	}

	@Override
	public int hashCode() {
		return entrySet().hashCode();
	}

	@Override
	public String toString() {
		return asMap().toString();
	}

	/** Serializes a plain copy: a connection does not travel. */
	private Object writeReplace() {
		return new Copy(asMap());
	}

	private static final class Copy extends MessageHeaders {

		private static final long serialVersionUID = 1L;

		Copy(Map<String, Object> headers) {
			super(headers, ID_VALUE_NONE, -1L);
		}

	}

}
