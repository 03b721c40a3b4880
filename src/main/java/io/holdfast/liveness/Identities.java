package io.holdfast.liveness;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;

/**
 * Who is connected to a listener on which no identity may be connected twice. Any thread.
 */
final class Identities {

	private final Takeover takeover;

	private final Map<String, Watch> connected = new ConcurrentHashMap<>();

	Identities(Takeover takeover) {
		this.takeover = takeover;
	}

	/**
	 * A peer has said who it is.
	 * @return whether it may stay; the older one is told to go then
	 */
	boolean claim(String identity, Watch claimant) {
		if (this.takeover == Takeover.REFUSE_NEW) {
			return this.connected.putIfAbsent(identity, claimant) == null;
		}
		Watch older = this.connected.put(identity, claimant);
		if (older != null) {
			older.takenOver(claimant);
		}
		return true;
	}

	/** A connection is gone. */
	void release(@Nullable String identity, Watch holder) {
		if (identity != null) {
			this.connected.remove(identity, holder);
		}
	}

}
