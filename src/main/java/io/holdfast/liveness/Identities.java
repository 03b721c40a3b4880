package io.holdfast.liveness;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;

/**
 * The identities connected to a listener on which none may be connected twice. Any
 * thread.
 */
final class Identities {

	private final Takeover takeover;

	private final Map<String, Watch> connected = new ConcurrentHashMap<>();

	Identities(Takeover takeover) {
		this.takeover = takeover;
	}

	/**
	 * Claims an identity for a connection. A connection that has gone, of which frames
	 * are still taken, holds nothing and sends nobody away.
	 * @return whether the connection may stay; the older one is told to go then
	 */
	boolean claim(String identity, Watch claimant) {
		return switch (this.takeover) {
			case REFUSE_NEW -> {
				boolean free = this.connected.compute(identity,
						(key, older) -> (older == null || older.isEnding()) ? claimant : older) == claimant;
				if (claimant.isGone()) {
					release(identity, claimant);
				}
				yield free;
			}
			case CLOSE_OLD -> {
				Watch older = claimant.isGone() ? null : this.connected.put(identity, claimant);
				if (older != null) {
					older.takenOver(claimant);
				}
				yield true;
			}
		};
	}

	/** Releases the identity of a connection that has gone, unless another has it. */
	void release(@Nullable String identity, Watch holder) {
		if (identity != null) {
			this.connected.remove(identity, holder);
		}
	}

}
