package io.holdfast.actuate;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.holdfast.transport.TrafficTotals;
import io.holdfast.upstream.Eviction;
import io.holdfast.upstream.Upstream;
import io.holdfast.upstream.UpstreamInfo;

/**
 * One upstream as the endpoint shows it, in the words of PgBouncer's SHOW POOLS: cl is
 * who borrows links, sv is the links.
 *
 * @param name as in the settings
 * @param state up, or down if nothing can be had from it
 * @param paused whether an operator withholds its links
 * @param clWaiting borrowers that wait for a link
 * @param maxWaitMillis how long the first of them has waited
 * @param links open ones
 * @param svActive those of them that are lent
 * @param svIdle those of them that are idle
 * @param svLogin attempts to connect that are under way
 * @param max most links that may be open
 * @param min links that are kept open though nobody uses them
 * @param counters what has happened since the start
 * @param endpoints its addresses
 */
public record UpstreamView(String name, String state, boolean paused, int clWaiting, long maxWaitMillis, int links,
		int svActive, int svIdle, int svLogin, int max, int min, Counters counters, List<EndpointView> endpoints) {

	static UpstreamView of(Upstream upstream) {
		UpstreamInfo info = upstream.info();
		UpstreamInfo.Links links = info.links();
		return new UpstreamView(info.name(), info.down() ? "down" : "up", info.paused(), info.waiting(),
				info.longestWait().toMillis(), links.open(), links.lent(), links.idle(), links.connecting(),
				links.max(), links.min(), Counters.of(info, upstream.traffic()),
				info.endpoints().stream().map(EndpointView::of).toList());
	}

	/**
	 * Counts since the start.
	 *
	 * @param timeouts borrowers that have waited in vain
	 * @param connected attempts to connect that succeeded
	 * @param connectsFailed attempts to connect that failed
	 * @param evicted links that the pool has closed of its own accord, by reason
	 * @param framesIn frames received
	 * @param framesOut frames sent
	 * @param bytesIn bytes received
	 * @param bytesOut bytes sent
	 */
	public record Counters(long timeouts, long connected, long connectsFailed, Map<String, Long> evicted, long framesIn,
			long framesOut, long bytesIn, long bytesOut) {

		private static Counters of(UpstreamInfo info, TrafficTotals traffic) {
			Map<String, Long> evicted = new LinkedHashMap<>();
			for (Eviction reason : Eviction.values()) {
				evicted.put(reason.text(), info.evicted().getOrDefault(reason, 0L));
			}
			return new Counters(info.timeouts(), info.connected(), info.connectsFailed(), evicted, traffic.framesIn(),
					traffic.framesOut(), traffic.bytesIn(), traffic.bytesOut());
		}

	}

}
