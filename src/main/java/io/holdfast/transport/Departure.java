package io.holdfast.transport;

import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

/**
 * A connection's way to leave in order. What the peer has sent by then is read once more
 * and taken, with the rest of a frame that has begun to come, and nothing after it; what
 * the peer is owed for these frames is waited for; then a goodbye is sent, and the end of
 * our stream. What the peer sends until it has seen that is read and thrown away, since
 * closing over unread bytes would be a reset, which wipes out what the peer has not read
 * yet. Belongs to the connection's loop.
 */
final class Departure {

	/**
	 * Rounds of the loop after which all is read that the system had received: one for
	 * the reads that are due, one for a read that has to be asked for first.
	 */
	private static final int ROUNDS = 2;

	private final FrameHandler handler;

	private final NettyTcpConnection connection;

	private final byte @Nullable [] goodbye;

	/** Whether the last read is awaited. */
	private boolean looking;

	private boolean taking = true;

	/** Bytes that are still to be taken, once the last read is over. */
	private int left;

	private boolean parted;

	private boolean endSent;

	Departure(FrameHandler handler, NettyTcpConnection connection, byte @Nullable [] goodbye) {
		this.handler = handler;
		this.connection = connection;
		this.goodbye = goodbye;
	}

	/** Whether what comes now is thrown away. */
	boolean isReadingOut() {
		return this.parted;
	}

	/** Whether frames are still taken. */
	boolean isTaking() {
		return this.taking;
	}

	void start() {
		this.looking = true;
		if (!this.handler.input().isPaused(FrameInput.Pause.MEMORY)) {
			// frames may wait for something, but what has come is received all the same
			this.handler.channel().read();
		}
		look(ROUNDS);
	}

	private void look(int rounds) {
		if (!this.looking || this.handler.isClosed()) {
			return;
		}
		if (rounds == 0) {
			looked();
			return;
		}
		// scheduled, not executed: a task of this round would run before the next reads
		this.handler.loop().schedule(() -> look(rounds - 1), 0, TimeUnit.NANOSECONDS);
	}

	private void looked() {
		this.looking = false;
		this.left = this.handler.input().unread();
		frameTaken(0);
	}

	/** What the system had received has come. */
	void readComplete() {
		if (this.looking) {
			looked();
		}
		else {
			// bytes between frames may go without a frame
			frameTaken(0);
		}
	}

	/**
	 * So many bytes of a frame have been handed over, so this may be the last boundary.
	 */
	void frameTaken(int length) {
		this.left -= length;
		if (this.taking && !this.looking && !this.handler.isClosed()
				&& (this.left <= 0 || !this.handler.input().isInMidFrame())) {
			takeNoMore();
		}
	}

	private void takeNoMore() {
		this.taking = false;
		this.handler.input().pause(FrameInput.Pause.LEAVING);
		if (this.handler.input().isEndHeld()) {
			// for one that talks until its peer has ended: it has
			this.connection.onLoop().receiveHeldEnd();
		}
		settled();
	}

	/** Something that was owed has been sent. Parts if it was the last. */
	void settled() {
		if (!this.taking && !this.handler.input().isEndHeld() && !this.connection.isDelivering()) {
			part();
		}
	}

	/** Sends the goodbye and our end, after all that has been sent. */
	void part() {
		if (this.parted) {
			return;
		}
		this.parted = true;
		this.taking = false;
		this.handler.input().drop();
		if (this.goodbye != null) {
			this.handler.output().sendUncounted(this.goodbye);
		}
		this.handler.output().close(/* flush= */ true);
		this.handler.endOutput().addListener((sent) -> {
			this.endSent = true;
			if (this.handler.input().isEnded()) {
				this.handler.closeNow();
				return;
			}
			this.handler.channel().config().setAutoRead(true);
			this.handler.afterLinger(this.handler::closeNow);
		});
	}

	/** The peer has ended its stream, while what it sends is thrown away. */
	void inputEnded() {
		if (this.endSent) {
			this.handler.closeNow();
		}
	}

}
