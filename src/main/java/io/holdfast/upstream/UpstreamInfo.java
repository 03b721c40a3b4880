package io.holdfast.upstream;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * One upstream at one moment.
 *
 * @param name as in the settings
 * @param down whether nothing can be had from it
 * @param paused whether links are withheld
 * @param links numbers of its links
 * @param waiting borrowers that wait for a link
 * @param longestWait how long the first of them has waited
 * @param timeouts borrowers that have waited in vain
 * @param connected attempts to connect that succeeded
 * @param connectsFailed attempts to connect that failed
 * @param evicted links closed by the pool, by reason; no entry for none
 * @param endpoints its endpoints
 */
public record UpstreamInfo(String name, boolean down, boolean paused, Links links, int waiting, Duration longestWait,
		long timeouts, long connected, long connectsFailed, Map<Eviction, Long> evicted, List<EndpointInfo> endpoints) {

	/**
	 * Numbers of links.
	 *
	 * @param open all that are open
	 * @param lent those of them that are lent
	 * @param idle those of them that are idle
	 * @param connecting attempts under way
	 * @param max most that may be open
	 * @param min how many are kept idle
	 */
	public record Links(int open, int lent, int idle, int connecting, int max, int min) {

	}

}
