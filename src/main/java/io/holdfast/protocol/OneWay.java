package io.holdfast.protocol;

import java.util.List;

/**
 * Tells which frames of a client have no reply. Immutable.
 */
public final class OneWay {

	private final List<BytePattern> patterns;

	OneWay(List<PatternSettings> settings) {
		this.patterns = settings.stream().map(PatternSettings::pattern).toList();
	}

	/**
	 * Returns whether a frame has no reply.
	 * @param content of the frame
	 * @return false for every frame if the protocol says that all frames have one
	 */
	public boolean matches(byte[] content) {
		for (BytePattern pattern : this.patterns) {
			if (pattern.matches(content)) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Returns whether every frame has a reply.
	 */
	public boolean isNever() {
		return this.patterns.isEmpty();
	}

}
