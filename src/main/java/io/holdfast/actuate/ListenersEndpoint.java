package io.holdfast.actuate;

import java.util.Collection;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

import io.holdfast.connection.ConnectionRegistry;
import io.holdfast.drain.ListenerDrains;
import io.holdfast.listener.Listener;
import io.holdfast.listener.ListenerNotBoundException;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;

/**
 * Shows the listeners, and takes commands for them. Over HTTP only, because its answers
 * are HTTP's.
 */
@WebEndpoint(id = "listeners")
public final class ListenersEndpoint {

	private final SortedMap<String, Listener> listeners = new TreeMap<>();

	private final Map<String, String> protocols;

	private final ConnectionRegistry connections;

	private final ListenerDrains drains;

	/**
	 * Creates the endpoint.
	 * @param listeners all listeners
	 * @param protocols the name of each listener's protocol
	 * @param connections tells how many are connected
	 * @param drains has connections leave
	 */
	public ListenersEndpoint(Collection<Listener> listeners, Map<String, String> protocols,
			ConnectionRegistry connections, ListenerDrains drains) {
		listeners.forEach((listener) -> this.listeners.put(listener.name(), listener));
		this.protocols = Map.copyOf(protocols);
		this.connections = connections;
		this.drains = drains;
	}

	/**
	 * All listeners, by name.
	 */
	@ReadOperation
	public ListenersView all() {
		return new ListenersView(this.listeners.values().stream().map(this::view).toList());
	}

	/**
	 * One listener.
	 * @param name as in the settings
	 * @return the listener; nothing, and thereby 404, if there is none of this name
	 */
	@ReadOperation
	public @Nullable ListenerView one(@Selector String name) {
		Listener listener = this.listeners.get(name);
		return (listener != null) ? view(listener) : null;
	}

	/**
	 * Carries out a command.
	 * @param name as in the settings
	 * @param action pause, resume or drain
	 * @return the listener as it is then, or 404 if there is none of this name
	 */
	@WriteOperation
	public WebEndpointResponse<ListenerView> command(@Selector String name, @Nullable String action) {
		Listener listener = this.listeners.get(name);
		if (listener == null) {
			return new WebEndpointResponse<>(WebEndpointResponse.STATUS_NOT_FOUND);
		}
		if (action == null) {
			throw Refused.parameter("action",
					"is missing; give pause, resume or drain, such as {\"action\": \"pause\"}");
		}
		try {
			carryOut(action, listener);
		}
		catch (IllegalStateException | ListenerNotBoundException ex) {
			throw Refused.parameter("action", "is '" + action + "': " + ex.getMessage());
		}
		return new WebEndpointResponse<>(view(listener));
	}

	private void carryOut(String action, Listener listener) {
		switch (action) {
			case "pause" -> listener.pause();
			case "resume" -> this.drains.resume(listener);
			case "drain" -> this.drains.drain(listener);
			default -> throw Refused.parameter("action", "is '" + action + "': must be pause, resume or drain");
		}
	}

	private ListenerView view(Listener listener) {
		return ListenerView.of(listener, String.valueOf(this.protocols.get(listener.name())), this.connections);
	}

}
