package io.holdfast.protocol;

import org.jspecify.annotations.Nullable;

/**
 * Settings of the number by which a reply is told to belong to its request. Every key may
 * be absent here, because a protocol takes what it lacks from the one that it extends;
 * {@link CorrelationReader} knows the defaults.
 *
 * @param offset bytes of a frame's content before the number; 0 by default
 * @param size bytes of the number, 1 to 8; required, or inherited
 * @param replyOffset bytes of a reply's content before the number; offset by default
 */
public record CorrelationSettings(@Nullable Integer offset, @Nullable Integer size, @Nullable Integer replyOffset) {

	/**
	 * Lays these settings over those of the parent, key by key.
	 */
	CorrelationSettings over(CorrelationSettings base) {
		return new CorrelationSettings(or(this.offset, base.offset), or(this.size, base.size),
				or(this.replyOffset, base.replyOffset));
	}

	private static @Nullable Integer or(@Nullable Integer own, @Nullable Integer inherited) {
		return (own != null) ? own : inherited;
	}

}
