package io.holdfast.actuate;

import java.util.List;
import java.util.Locale;

import io.holdfast.connection.ConnectionRegistry;
import io.holdfast.listener.Listener;
import io.holdfast.listener.ListenerState;
import io.holdfast.transport.Hold;
import io.holdfast.transport.TrafficTotals;
import io.netty.util.NetUtil;

/**
 * One listener as the endpoint shows it.
 *
 * @param name as in the settings
 * @param address where it listens, as address:port; with port 0, or the one in the
 * settings, while its port is closed
 * @param protocol name of its protocol
 * @param state listening; paused: who connects waits; draining: its port is closed and
 * connections are on their way out; drained: none is left; or stopped
 * @param holds why its open port accepts nobody at the moment: paused, failing (the
 * system cannot accept), descriptors or memory (too few are free); empty if it accepts
 * @param connections open ones
 * @param framesIn frames received since the start
 * @param framesOut frames sent
 * @param bytesIn bytes received
 * @param bytesOut bytes sent
 */
public record ListenerView(String name, String address, String protocol, String state, List<String> holds,
		int connections, long framesIn, long framesOut, long bytesIn, long bytesOut) {

	static ListenerView of(Listener listener, String protocol, ConnectionRegistry registry) {
		TrafficTotals traffic = listener.traffic();
		int connections = registry.count(listener.name());
		return new ListenerView(listener.name(), NetUtil.toSocketAddressString(listener.address()), protocol,
				state(listener, registry), listener.holds().stream().sorted().map(Hold::text).toList(), connections,
				traffic.framesIn(), traffic.framesOut(), traffic.bytesIn(), traffic.bytesOut());
	}

	static String state(Listener listener, ConnectionRegistry registry) {
		ListenerState state = listener.state();
		boolean gone = state == ListenerState.DRAINING && registry.count(listener.name()) == 0;
		return gone ? "drained" : state.name().toLowerCase(Locale.ROOT);
	}

}
