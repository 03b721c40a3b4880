package io.holdfast.protocol;

import java.util.HexFormat;

import org.jspecify.annotations.Nullable;

/**
 * A message as others have published it. Bytes are hexadecimal text, blanks in it are for
 * the eye.
 *
 * @param source where it was published, and what it is
 * @param wire all of its bytes
 * @param content what of it is the frame's content; all if absent
 * @param number the number by which it is correlated
 * @param identity who sent it
 * @param answer content of what it gets if it is a heartbeat
 */
record PublishedMessage(String source, String wire, @Nullable String content, @Nullable String number,
		@Nullable String identity, @Nullable String answer) {

	PublishedMessage {
		wire = compact(wire);
		content = (content != null) ? compact(content) : wire;
		answer = (answer != null) ? compact(answer) : null;
	}

	private static String compact(String hex) {
		return hex.replaceAll("\\s", "");
	}

	byte[] wireBytes() {
		return HexFormat.of().parseHex(this.wire);
	}

	byte[] contentBytes() {
		return HexFormat.of().parseHex(String.valueOf(this.content));
	}

}
