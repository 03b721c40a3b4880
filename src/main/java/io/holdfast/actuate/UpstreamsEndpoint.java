package io.holdfast.actuate;

import java.util.Collection;
import java.util.SortedMap;
import java.util.TreeMap;

import io.holdfast.upstream.Upstream;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;

/**
 * Shows the upstreams with their links, and takes PgBouncer's commands for them. Over
 * HTTP only, because its answers are HTTP's.
 */
@WebEndpoint(id = "upstreams")
public final class UpstreamsEndpoint {

	private final SortedMap<String, Upstream> upstreams = new TreeMap<>();

	/**
	 * Creates the endpoint.
	 * @param upstreams all upstreams
	 */
	public UpstreamsEndpoint(Collection<Upstream> upstreams) {
		upstreams.forEach((upstream) -> this.upstreams.put(upstream.name(), upstream));
	}

	/**
	 * All upstreams, by name.
	 */
	@ReadOperation
	public UpstreamsView all() {
		return new UpstreamsView(this.upstreams.values().stream().map(UpstreamView::of).toList());
	}

	/**
	 * One upstream.
	 * @param name as in the settings
	 * @return the upstream; nothing, and thereby 404, if there is none of this name
	 */
	@ReadOperation
	public @Nullable UpstreamView one(@Selector String name) {
		Upstream upstream = this.upstreams.get(name);
		return (upstream != null) ? UpstreamView.of(upstream) : null;
	}

	/**
	 * Carries out a command.
	 * @param name as in the settings
	 * @param action pause, resume or reconnect
	 * @return the upstream as it is then, or 404 if there is none of this name
	 */
	@WriteOperation
	public WebEndpointResponse<Object> command(@Selector String name, @Nullable String action) {
		Upstream upstream = this.upstreams.get(name);
		if (upstream == null) {
			return new WebEndpointResponse<>(WebEndpointResponse.STATUS_NOT_FOUND);
		}
		return new WebEndpointResponse<>(carryOut(action, upstream));
	}

	private static Object carryOut(@Nullable String action, Upstream upstream) {
		if (action == null) {
			throw Refused.parameter("action",
					"is missing; give pause, resume or reconnect, such as {\"action\": \"pause\"}");
		}
		switch (action) {
			case "pause" -> upstream.pause();
			case "resume" -> upstream.resume();
			case "reconnect" -> {
				int replacing = upstream.reconnect();
				return new ReconnectView(replacing, UpstreamView.of(upstream));
			}
			default -> throw Refused.parameter("action", "is '" + action + "': must be pause, resume or reconnect");
		}
		return UpstreamView.of(upstream);
	}

}
