package io.holdfast.actuate;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

import io.holdfast.connection.CloseReason;
import io.holdfast.connection.ConnectionInfo;
import io.holdfast.connection.ConnectionRegistry;
import io.holdfast.connection.ConnectionState;
import io.holdfast.drain.Departures;
import io.netty.util.NetUtil;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;

/**
 * Shows who is connected, and ends one connection on an operator's demand, at once or in
 * order. Over HTTP only, because its answers are HTTP's.
 */
@WebEndpoint(id = "connections")
public final class ConnectionsEndpoint {

	private static final int DEFAULT_SIZE = 100;

	private static final int MAX_SIZE = 1000;

	private static final List<String> STATES = Stream.of(ConnectionState.values()).map(ConnectionState::text).toList();

	private final ConnectionRegistry connections;

	private final Departures departures;

	private final Set<String> listeners;

	private final Clock clock;

	/**
	 * Creates the endpoint.
	 * @param connections what is connected
	 * @param departures has a connection leave
	 * @param listeners names of all listeners
	 * @param clock tells ages; the one of the registry
	 */
	public ConnectionsEndpoint(ConnectionRegistry connections, Departures departures, Collection<String> listeners,
			Clock clock) {
		this.connections = connections;
		this.departures = departures;
		this.listeners = new TreeSet<>(listeners);
		this.clock = clock;
	}

	/**
	 * One page of the connections, oldest first. A page beyond the last is empty.
	 * @param listener only those of this listener
	 * @param remote only those whose peer's address, as shown, begins with this
	 * @param identity only those whose peer says it is this
	 * @param state only those in this state: handshaking, alive, silent or draining
	 * @param page which page, from 0
	 * @param size connections on a page, 1 to 1000, 100 by default
	 * @return the page
	 */
	@ReadOperation
	public ConnectionsPage page(@Nullable String listener, @Nullable String remote, @Nullable String identity,
			@Nullable String state, @Nullable String page, @Nullable String size) {
		if (listener != null && !this.listeners.contains(listener)) {
			throw refused("listener", listener, "is not a listener; known are " + String.join(", ", this.listeners));
		}
		if (state != null && !STATES.contains(state)) {
			throw refused("state", state, "is not a state; known are " + String.join(", ", STATES));
		}
		int pageNumber = number("page", page, 0, 0, Integer.MAX_VALUE);
		int pageSize = number("size", size, DEFAULT_SIZE, 1, MAX_SIZE);
		List<ConnectionInfo> found = this.connections.stream()
			.filter((connection) -> listener == null || connection.listener().equals(listener))
			.filter((connection) -> remote == null || isFrom(connection.remoteAddress(), remote))
			.filter((connection) -> identity == null || identity.equals(connection.identity()))
			.filter((connection) -> state == null || state.equals(connection.state().text()))
			.sorted(ConnectionInfo.OLDEST_FIRST)
			.toList();
		Instant now = this.clock.instant();
		List<ConnectionView> views = found.stream()
			.skip((long) pageNumber * pageSize)
			.limit(pageSize)
			.map((connection) -> ConnectionView.of(connection, now))
			.toList();
		return new ConnectionsPage(found.size(), pageNumber, pageSize, views);
	}

	/**
	 * One connection.
	 * @param id the connection's id
	 * @return the connection; nothing, and thereby 404, if there is none of this id
	 */
	@ReadOperation
	public @Nullable ConnectionView one(@Selector String id) {
		return this.connections.find(id)
			.map((connection) -> ConnectionView.of(connection, this.clock.instant()))
			.orElse(null);
	}

	/**
	 * Ends one connection, with the reason killed.
	 * @param id the connection's id
	 * @return 204, or 404 if there is none of this id or it is being closed already
	 */
	@DeleteOperation
	public WebEndpointResponse<Void> kill(@Selector String id) {
		boolean killed = this.connections.close(id, CloseReason.KILLED);
		return new WebEndpointResponse<>(
				killed ? WebEndpointResponse.STATUS_NO_CONTENT : WebEndpointResponse.STATUS_NOT_FOUND);
	}

	/**
	 * Carries out a command.
	 * @param id the connection's id
	 * @param action drain: the connection leaves in order
	 * @return the connection as it is then; 204 if it has left already, or 404 if there
	 * is none of this id or it is being closed already
	 */
	@WriteOperation
	public WebEndpointResponse<ConnectionView> command(@Selector String id, @Nullable String action) {
		if (this.connections.find(id).isEmpty()) {
			return new WebEndpointResponse<>(WebEndpointResponse.STATUS_NOT_FOUND);
		}
		if (action == null) {
			throw Refused.parameter("action", "is missing; give drain, as {\"action\": \"drain\"}");
		}
		if (!action.equals("drain")) {
			throw Refused.parameter("action", "is '" + action + "': must be drain");
		}
		if (!this.departures.leave(id)) {
			return new WebEndpointResponse<>(WebEndpointResponse.STATUS_NOT_FOUND);
		}
		ConnectionView leaving = one(id);
		return (leaving != null) ? new WebEndpointResponse<>(leaving)
				: new WebEndpointResponse<>(WebEndpointResponse.STATUS_NO_CONTENT);
	}

	// an IPv6 address is in brackets when a port follows; a prefix may come with or
	// without
	private static boolean isFrom(InetSocketAddress peer, String prefix) {
		InetAddress address = peer.getAddress();
		return NetUtil.toSocketAddressString(peer).startsWith(prefix)
				|| (address != null && NetUtil.toAddressString(address).startsWith(prefix));
	}

	// numbers come as text: Boot's own conversion would refuse them without saying why
	private static int number(String parameter, @Nullable String value, int absent, int min, int max) {
		if (value == null) {
			return absent;
		}
		try {
			int number = Integer.parseInt(value);
			if (number >= min && number <= max) {
				return number;
			}
		}
		catch (NumberFormatException ex) {
			// refused below, as a number out of bounds is
		}
		throw refused(parameter, value, "must be a whole number from " + min + " to " + max);
	}

	private static InvalidEndpointRequestException refused(String parameter, String value, String reason) {
		return Refused.parameter(parameter, "is '" + value + "': " + reason);
	}

}
