package io.holdfast.protocol;

/**
 * The bytes that a frame's content begins with, one by one; some bytes may be any. A
 * pattern without bytes is no beginning but the empty content. Immutable.
 */
public final class BytePattern {

	private final byte[] bytes;

	private final boolean[] any;

	BytePattern(byte[] bytes, boolean[] any) {
		this.bytes = bytes;
		this.any = any;
	}

	/**
	 * Whether the content is at least as long as the pattern and begins as it says, or is
	 * empty as the pattern is.
	 */
	public boolean matches(byte[] content) {
		if (this.bytes.length == 0) {
			return content.length == 0;
		}
		if (content.length < this.bytes.length) {
			return false;
		}
		for (int i = 0; i < this.bytes.length; i++) {
			if (content[i] != this.bytes[i] && !this.any[i]) {
				return false;
			}
		}
		return true;
	}

}
