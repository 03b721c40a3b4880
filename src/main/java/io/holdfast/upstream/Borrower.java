package io.holdfast.upstream;

import io.netty.channel.EventLoop;

/**
 * Asks a pool for a link and may have to wait for it. Waits for one link at most.
 */
public interface Borrower {

	/**
	 * Where the borrower lives: a link on the same loop is preferred, and the calls below
	 * come here.
	 */
	EventLoop eventLoop();

	/**
	 * Whether the link will be kept for very long, such as for a client's life. It is
	 * then one of the borrower's own loop. Links for such borrowers are opened several at
	 * a time while the upstream takes them.
	 */
	boolean keepsLink();

	/**
	 * Returns when the borrower stops waiting at the latest, in the time of
	 * {@link io.holdfast.transport.EventLoops#nanoTime()}. Asked for once, when the wait
	 * begins, under the pool's lock. For a borrower that has waited before and has less
	 * than the acquire timeout left; a time that has passed means it is refused at once
	 * unless a link is idle.
	 * @param latestNanos the acquire timeout from now on
	 */
	default long deadlineNanos(long latestNanos) {
		return latestNanos;
	}

	/**
	 * The wait is over. The link may have ended meanwhile, which its user learns when it
	 * is {@linkplain Link#use taken into use}; one that is not wanted any more is given
	 * back.
	 */
	void granted(Link link);

	/**
	 * The wait is over, and there is no link.
	 */
	void refused(NoLinkException reason);

}
