package io.holdfast.transport;

import org.jspecify.annotations.Nullable;

/**
 * A connection's way to leave in order. A frame that has begun to come is still taken and
 * none after it; what the peer is owed for the frames before is waited for; then a
 * goodbye is sent, and the end of our stream. What the peer sends until it has seen that
 * is read and thrown away, since closing over unread bytes would be a reset, which wipes
 * out what the peer has not read yet. Belongs to the connection's loop.
 */
final class Departure {

	private final FrameHandler handler;

	private final NettyTcpConnection connection;

	private final byte @Nullable [] goodbye;

	private boolean taking = true;

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

	void start() {
		if (!this.handler.input().isInMidFrame()) {
			takeNoMore();
		}
	}

	/** A frame has been handed over, so this is a boundary. */
	void frameTaken() {
		if (this.taking) {
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
