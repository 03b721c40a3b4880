package io.holdfast.upstream;

/**
 * An upstream had no link to lend. Carries the pool's numbers at that moment, and no
 * stack trace: it is a normal answer.
 */
public final class NoLinkException extends Exception {

	private static final long serialVersionUID = 1L;

	private final Reason reason;

	NoLinkException(Reason reason, String message) {
		super(message, null, false, false);
		this.reason = reason;
	}

	public Reason reason() {
		return this.reason;
	}

	/**
	 * Why there is none.
	 */
	public enum Reason {

		/** None came within the acquire timeout. */
		TIMED_OUT,

		/** As many waited already as may. */
		TOO_MANY_WAITING,

		/** The upstream has been stopped. */
		STOPPED

	}

}
