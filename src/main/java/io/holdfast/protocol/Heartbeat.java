package io.holdfast.protocol;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * How peers of a protocol show each other that they are alive. Places and bytes are those
 * of a frame's content, without what the framing strips. Immutable.
 */
public final class Heartbeat {

	private final byte @Nullable [] probe;

	private final @Nullable BytePattern reply;

	private final List<Answer> answers;

	private final boolean ignoresEmpty;

	/**
	 * A heartbeat.
	 * @param probe content of what is sent to a silent peer
	 * @param reply what the answer to it begins with
	 * @param answers what peers send on their own, and what they get for it
	 * @param ignoresEmpty whether an empty frame that is neither is one, too
	 */
	Heartbeat(byte @Nullable [] probe, @Nullable BytePattern reply, List<Answer> answers, boolean ignoresEmpty) {
		this.probe = probe;
		this.reply = reply;
		this.answers = List.copyOf(answers);
		this.ignoresEmpty = ignoresEmpty;
	}

	/**
	 * Content of the probe to a silent peer, not to be changed; null if the protocol has
	 * no probe and waits for heartbeats of the peer's own.
	 */
	public byte @Nullable [] probe() {
		return this.probe;
	}

	/**
	 * Whether the frame answers a probe.
	 */
	public boolean isReply(byte[] content) {
		return this.reply != null && this.reply.matches(content);
	}

	/**
	 * Whether the frame is an empty one that only shows that its peer is alive.
	 */
	public boolean isIgnored(byte[] content) {
		return this.ignoresEmpty && content.length == 0;
	}

	/**
	 * Makes the answer to a peer whose own heartbeat this is.
	 * @return content of the answer; null if it is no heartbeat that is answered
	 */
	public byte @Nullable [] answerTo(byte[] content) {
		for (Answer answer : this.answers) {
			byte[] bytes = answer.to(content);
			if (bytes != null) {
				return bytes;
			}
		}
		return null;
	}

}
