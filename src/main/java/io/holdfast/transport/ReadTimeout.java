package io.holdfast.transport;

import java.net.SocketTimeoutException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

/**
 * Ends a connection from which no byte has come for so long. Belongs to the connection's
 * loop; re-armed when it goes off, not for each read.
 */
final class ReadTimeout {

	private final FrameHandler handler;

	private final NettyTcpConnection connection;

	private final int millis;

	private final long allowedNanos;

	private @Nullable ScheduledFuture<?> timer;

	ReadTimeout(FrameHandler handler, NettyTcpConnection connection, int millis) {
		this.handler = handler;
		this.connection = connection;
		this.millis = millis;
		this.allowedNanos = TimeUnit.MILLISECONDS.toNanos(millis);
	}

	void start() {
		schedule(this.allowedNanos);
		this.handler.channel().closeFuture().addListener((closed) -> cancel());
	}

	private void schedule(long delayNanos) {
		this.timer = this.handler.loop().schedule(this::check, delayNanos, TimeUnit.NANOSECONDS);
	}

	/** The loop would hold the connection until the time is over. */
	private void cancel() {
		ScheduledFuture<?> next = this.timer;
		this.timer = null;
		if (next != null) {
			next.cancel(false);
		}
	}

	private void check() {
		if (this.handler.isClosed()) {
			return;
		}
		long now = this.handler.nanoTime();
		long left = this.allowedNanos - (now - quietSince(now));
		if (left <= 0) {
			this.handler.fail(new SocketTimeoutException("Read timed out after " + this.millis + " ms"));
		}
		else {
			schedule(left);
		}
	}

	private long quietSince(long now) {
		// while frames wait for the flow or the route, the silence is ours
		if (this.connection.isDelivering() || this.handler.input().isPaused(FrameInput.Pause.ROUTE)) {
			return now;
		}
		FrameOutput output = this.handler.output();
		long quietSince = this.handler.input().lastReadNanos();
		// as stock clients do: a request that was just sent may take its own timeout
		boolean asked = !this.connection.isServer() && output.framesOut() > 0
				&& now - output.lastFrameNanos() < this.allowedNanos;
		return (asked && output.lastFrameNanos() - quietSince > 0) ? output.lastFrameNanos() : quietSince;
	}

}
