package io.holdfast.protocol;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * How one kind of heartbeat that peers send is answered. Immutable.
 */
public final class Answer {

	private final BytePattern match;

	private final byte[] reply;

	private final List<Copy> copies;

	private final int shortest;

	Answer(BytePattern match, byte[] reply, List<Copy> copies) {
		this.match = match;
		this.reply = reply;
		this.copies = List.copyOf(copies);
		this.shortest = copies.stream().mapToInt((copy) -> copy.from + copy.size).max().orElse(0);
	}

	/**
	 * Makes the answer to a peer that has sent this.
	 * @param content of a frame
	 * @return content of the answer; null if the frame is no such heartbeat, or is too
	 * short for the bytes that the answer repeats
	 */
	public byte @Nullable [] to(byte[] content) {
		if (content.length < this.shortest || !this.match.matches(content)) {
			return null;
		}
		byte[] answer = this.reply.clone();
		for (Copy copy : this.copies) {
			System.arraycopy(content, copy.from, answer, copy.to, copy.size);
		}
		return answer;
	}

	/** Whether a peer of the same protocol would answer the answer. */
	boolean provokes(Answer other) {
		return other.match.matches(this.reply);
	}

	/** Whether the answer is one to our own probe. */
	boolean begins(@Nullable BytePattern pattern) {
		return pattern != null && pattern.matches(this.reply);
	}

	/**
	 * Bytes that an answer repeats.
	 */
	record Copy(int from, int to, int size) {

	}

}
