package io.holdfast.framing;

/**
 * Bytes that contradict the framing.
 */
public final class MalformedFrameException extends FramingException {

	private static final long serialVersionUID = 1L;

	MalformedFrameException(String message) {
		super(message);
	}

}
