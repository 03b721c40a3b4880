package io.holdfast.upstream;

import java.util.Map;

import io.holdfast.upstream.Waiters.Waiter;
import io.netty.channel.EventLoop;

/**
 * Links that will be there soon, as waiters are matched with them.
 */
final class Coming {

	private final Map<EventLoop, Integer> byLoop;

	/**
	 * Links that are there already.
	 * @param byLoop their number for each loop that has any; changed here
	 */
	Coming(Map<EventLoop, Integer> byLoop) {
		this.byLoop = byLoop;
	}

	void add(EventLoop loop) {
		this.byLoop.merge(loop, 1, Integer::sum);
	}

	/** Takes one for a waiter, if there is one that it can use. */
	boolean covers(Waiter waiter) {
		EventLoop own = waiter.borrower().eventLoop();
		if (this.byLoop.containsKey(own)) {
			take(own);
			return true;
		}
		if (waiter.borrower().keepsLink() || this.byLoop.isEmpty()) {
			return false;
		}
		take(this.byLoop.keySet().iterator().next());
		return true;
	}

	private void take(EventLoop loop) {
		this.byLoop.computeIfPresent(loop, (its, count) -> (count > 1) ? count - 1 : null);
	}

}
