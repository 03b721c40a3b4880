package io.holdfast.protocol;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Settings of a protocol's heartbeats. Every key may be absent here, because a protocol
 * takes what it lacks from the one that it extends.
 *
 * @param probe content of the frame that is sent to a silent peer
 * @param reply what a peer's answer to the probe begins with; it is consumed and never
 * relayed; required beside probe
 * @param answer heartbeats that peers send on their own, answered here without waking
 * anybody; an empty list drops those of the protocol that is extended
 * @param ignoreEmpty whether empty frames are read and dropped, unless they are a reply
 * or are answered: they show that the peer is alive and are no frame to route; false by
 * default
 */
public record HeartbeatSettings(@Nullable BytesSettings probe, @Nullable PatternSettings reply,
		@Nullable List<AnswerSettings> answer, @Nullable Boolean ignoreEmpty) {

	/**
	 * Lays these settings over those of the parent, key by key.
	 */
	HeartbeatSettings over(HeartbeatSettings base) {
		return new HeartbeatSettings((this.probe != null) ? this.probe : base.probe,
				(this.reply != null) ? this.reply : base.reply, (this.answer != null) ? this.answer : base.answer,
				(this.ignoreEmpty != null) ? this.ignoreEmpty : base.ignoreEmpty);
	}

}
