package io.holdfast.connection;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

import javax.net.ssl.SSLSession;

import io.holdfast.connection.ConnectionInfo.TlsInfo;
import io.holdfast.transport.ConnectionTraffic;
import io.holdfast.transport.NettyTcpConnection;
import org.jspecify.annotations.Nullable;

/**
 * The registry's entry for one connection. Small, because there may be very many: it adds
 * what the connection does not know itself, in some forty bytes.
 * <p>
 * Opening and closing may be told by two threads at once, and an observer may close the
 * connection while it is being told of the opening. So there are two marks, announced and
 * ended; whoever sets the second of them tells the observers of the end. Thus they hear
 * of it once and last, and no lock is held while they are called. The monitor guards the
 * marks and the reason.
 */
final class RegisteredConnection {

	private static final String NO_PROTOCOL = "NONE";

	private final NettyTcpConnection connection;

	private final Population population;

	private final long sinceMillis;

	private @Nullable CloseReason reason;

	private boolean closing;

	private boolean announced;

	private boolean ended;

	RegisteredConnection(NettyTcpConnection connection, Population population, long sinceMillis) {
		this.connection = connection;
		this.population = population;
		this.sinceMillis = sinceMillis;
	}

	Population population() {
		return this.population;
	}

	boolean isOpen() {
		return this.connection.isOpen();
	}

	/**
	 * Closes the connection, even one that is leaving; the peer gets what was sent
	 * before. The first reason stays.
	 * @return whether this was the first call, and the connection had not ended
	 */
	boolean close(CloseReason why) {
		synchronized (this) {
			if (this.closing || this.ended) {
				return false;
			}
			this.closing = true;
		}
		noteReason(why);
		this.connection.part();
		return true;
	}

	/**
	 * Lets the connection leave in order.
	 * @return whether this was the first reason
	 */
	boolean leave(CloseReason why) {
		if (!noteReason(why)) {
			return false;
		}
		this.connection.leave();
		return true;
	}

	/** Notes the reason, unless there is one or the connection has ended. */
	private synchronized boolean noteReason(CloseReason why) {
		if (this.reason != null || this.ended) {
			return false;
		}
		this.reason = why;
		return true;
	}

	/**
	 * Closes the connection at once, even one that is leaving. The first reason stays.
	 */
	void cut(CloseReason why) {
		noteReason(why);
		this.connection.cut();
	}

	boolean hasPending() {
		return this.connection.hasPending();
	}

	/**
	 * Notes that observers know of the opening.
	 * @return whether the end came meanwhile, and the caller is to tell of it
	 */
	synchronized boolean announced() {
		this.announced = true;
		return this.ended;
	}

	/**
	 * Notes the end, and its reason if none was given: the peer's or the transport's
	 * cause, else a call of {@code close()} by the application.
	 * @return whether observers know of the opening, and the caller is to tell of the end
	 */
	boolean ended() {
		CloseReason cause = this.connection.closeCause().map(CloseReason::of).orElse(CloseReason.KILLED);
		synchronized (this) {
			this.ended = true;
			if (this.reason == null) {
				this.reason = cause;
			}
			return this.announced;
		}
	}

	/**
	 * Describes the end. Only for an entry that has ended.
	 */
	ConnectionEvent.Closed closedEvent(long nowMillis) {
		Duration lifetime = Duration.ofMillis(Math.max(0, nowMillis - this.sinceMillis));
		return new ConnectionEvent.Closed(info(), finalReason(), lifetime);
	}

	private synchronized CloseReason finalReason() {
		return Objects.requireNonNull(this.reason, "the connection has not ended");
	}

	ConnectionInfo info() {
		ConnectionTraffic traffic = this.connection.traffic();
		Vitals vitals = (this.connection.filter() instanceof Vitals known) ? known : null;
		return new ConnectionInfo(this.connection.getConnectionId(), this.population.listener(),
				this.connection.remoteAddress(), this.connection.localAddress(), state(traffic, vitals),
				(vitals != null) ? vitals.missedHeartbeats() : 0, (vitals != null) ? vitals.identity() : null,
				Instant.ofEpochMilli(this.sinceMillis), traffic.lastFrameIn(), traffic.lastFrameOut(),
				traffic.framesIn(), traffic.framesOut(), traffic.bytesIn(), traffic.bytesOut(), traffic.pendingInput(),
				traffic.pendingOutput(), tls());
	}

	private ConnectionState state(ConnectionTraffic traffic, @Nullable Vitals vitals) {
		if (this.connection.isLeaving()) {
			return ConnectionState.DRAINING;
		}
		if (vitals != null && vitals.isSilent()) {
			return ConnectionState.SILENT;
		}
		boolean spoken = traffic.framesIn() > 0 || (vitals != null && vitals.hasSpoken());
		return spoken ? ConnectionState.ALIVE : ConnectionState.HANDSHAKING;
	}

	private @Nullable TlsInfo tls() {
		SSLSession session = this.connection.getSslSession();
		// before the handshake there is a session already, with nothing agreed on
		return (session != null && !NO_PROTOCOL.equals(session.getProtocol()))
				? new TlsInfo(session.getProtocol(), session.getCipherSuite()) : null;
	}

}
