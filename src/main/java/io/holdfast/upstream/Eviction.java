package io.holdfast.upstream;

import java.util.Locale;

/**
 * Why a pool closed a link of its own accord. The texts are tags of metrics: they stay as
 * they are.
 */
public enum Eviction {

	/** Idle for longer than the settings allow, and not needed to have min-idle. */
	IDLE,

	/** Had lived as long as the settings allow. */
	LIFETIME,

	/**
	 * Bytes came that nobody had asked for, or the peer's end, so it is not lent again.
	 */
	UNREAD,

	/** A reply did not come in time, so what comes next cannot be told apart. */
	TIMED_OUT,

	/** The upstream left too many heartbeats unanswered. */
	HEARTBEAT_MISSED,

	/** An operator asked for new links. */
	RECONNECT,

	/** Its endpoint was ejected, or is gone from the name service. */
	ENDPOINT;

	/**
	 * The name in metrics.
	 * @return the reason in kebab case
	 */
	public String text() {
		return name().toLowerCase(Locale.ROOT).replace('_', '-');
	}

}
