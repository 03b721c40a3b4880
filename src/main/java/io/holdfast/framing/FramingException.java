package io.holdfast.framing;

/**
 * Bytes that are no frame, or content that cannot become one. Has no stack trace: it
 * tells about a peer, and a hostile one must not make us pay for it.
 */
public abstract sealed class FramingException extends RuntimeException
		permits FrameTooLongException, MalformedFrameException {

	private static final long serialVersionUID = 1L;

	FramingException(String message) {
		super(message, null, false, false);
	}

}
