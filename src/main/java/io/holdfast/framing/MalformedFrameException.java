package io.holdfast.framing;

import java.io.Serial;

/**
 * Bytes that cannot be a frame, whatever follows them.
 */
public final class MalformedFrameException extends FramingException {

	@Serial
	private static final long serialVersionUID = 1L;

	/**
	 * A frame that is none.
	 * @param what what was found, such as {@code length field is -5}; no content
	 */
	public MalformedFrameException(String what) {
		super(what);
	}

}
