package io.holdfast.upstream;

/**
 * Is told how long things take. Called on event loops, at times within the pool's lock:
 * must return at once and never call the pool.
 */
public interface UpstreamObserver {

	/**
	 * A link was lent.
	 * @param nanos how long the borrower waited
	 */
	void acquired(long nanos);

	/**
	 * A link was given back, or has ended while it was lent.
	 * @param nanos how long it was lent
	 */
	void used(long nanos);

	/**
	 * A link was opened.
	 * @param nanos how long that took, name look-up and TLS included
	 */
	void created(long nanos);

	/** Takes no note. */
	UpstreamObserver NONE = new UpstreamObserver() {

		@Override
		public void acquired(long nanos) {
		}

		@Override
		public void used(long nanos) {
		}

		@Override
		public void created(long nanos) {
		}

	};

}
