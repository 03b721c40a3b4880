package io.holdfast.framing;

import java.util.List;

/**
 * A framing and contents that it can carry.
 */
record Sample(Framing framing, List<byte[]> contents) {

	static int longest(List<byte[]> contents) {
		return contents.stream().mapToInt((content) -> content.length).max().orElse(0);
	}

	List<String> hexContents() {
		return this.contents.stream().map(Wire::hex).toList();
	}

}
