package io.holdfast.route;

import org.jspecify.annotations.Nullable;

/**
 * The requests on a shared link that wait for a reply, in the order of sending. A chain
 * through the requests, since any of them may be answered next.
 */
final class InFlight {

	private @Nullable Request earliest;

	private @Nullable Request latest;

	@Nullable Request earliest() {
		return this.earliest;
	}

	void append(Request request) {
		Request before = this.latest;
		if (before == null) {
			this.earliest = request;
		}
		else {
			before.later = request;
			request.earlier = before;
		}
		this.latest = request;
	}

	void remove(Request request) {
		Request before = request.earlier;
		Request after = request.later;
		if (before == null) {
			this.earliest = after;
		}
		else {
			before.later = after;
		}
		if (after == null) {
			this.latest = before;
		}
		else {
			after.earlier = before;
		}
		request.earlier = null;
		request.later = null;
	}

	/** Takes the earliest, null if there is none. */
	@Nullable Request poll() {
		Request first = this.earliest;
		if (first != null) {
			remove(first);
		}
		return first;
	}

}
