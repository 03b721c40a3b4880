package io.holdfast.actuate;

import java.util.Locale;

import io.holdfast.upstream.EndpointInfo;

/**
 * One address of an upstream as the endpoint shows it.
 *
 * @param address as in the settings, with the address that its name stands for
 * @param state up: it has links; down: it takes none; ejected: it has failed and gets
 * nothing for a while; unused: it has none, and none was refused
 * @param links open ones
 * @param svActive those of them that are lent
 * @param svIdle those of them that are idle
 * @param svLogin attempts to connect that are under way
 * @param failures requests in a row without a reply
 * @param connectFailures attempts to connect in a row that failed
 * @param nextAttemptMillis time until it may be connected to again, 0 for now
 */
public record EndpointView(String address, String state, int links, int svActive, int svIdle, int svLogin, int failures,
		int connectFailures, long nextAttemptMillis) {

	static EndpointView of(EndpointInfo info) {
		return new EndpointView(info.address(), text(info.state()), info.links(), info.lent(), info.idle(),
				info.connecting(), info.failures(), info.connectFailures(), info.nextAttempt().toMillis());
	}

	static String text(EndpointInfo.State state) {
		return state.name().toLowerCase(Locale.ROOT);
	}

}
