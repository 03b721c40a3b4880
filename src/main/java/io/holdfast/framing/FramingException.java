package io.holdfast.framing;

import java.io.Serial;

/**
 * Bytes that are no frame. It carries no stack trace, because a peer that misbehaves must
 * be cheap, and its message no content of the frame beyond a number or one byte.
 */
public abstract sealed class FramingException extends RuntimeException
		permits FrameTooLongException, MalformedFrameException {

	@Serial
	private static final long serialVersionUID = 1L;

	FramingException(String message) {
		super(message, null, false, false);
	}

}
