package io.holdfast.actuate;

import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;

import io.holdfast.connection.ConnectionInfo;
import io.netty.util.NetUtil;
import org.jspecify.annotations.Nullable;

/**
 * One connection as the endpoint shows it.
 *
 * @param id names it to this endpoint
 * @param listener the listener that accepted it
 * @param remoteAddress the peer as address:port
 * @param localAddress where the peer reached the gateway, as address:port
 * @param state handshaking, alive, silent or draining
 * @param missedHeartbeats heartbeats that were missed since the last byte came
 * @param identity who the peer says it is, once that is known
 * @param since when it was opened
 * @param ageMillis how long it has been open
 * @param idleMillis how long no frame has gone either way
 * @param lastFrameIn when the last frame came, if any has
 * @param lastFrameOut when the last frame was sent, if any was
 * @param framesIn frames received
 * @param framesOut frames sent
 * @param bytesIn bytes received
 * @param bytesOut bytes sent
 * @param pendingInputBytes bytes of whole frames that wait for a worker
 * @param pendingOutputBytes bytes that wait for the peer to read
 * @param tls what TLS agreed on, if it is used
 */
public record ConnectionView(String id, String listener, String remoteAddress, String localAddress, String state,
		int missedHeartbeats, @Nullable String identity, Instant since, long ageMillis, long idleMillis,
		@Nullable Instant lastFrameIn, @Nullable Instant lastFrameOut, long framesIn, long framesOut, long bytesIn,
		long bytesOut, long pendingInputBytes, long pendingOutputBytes, ConnectionInfo.@Nullable TlsInfo tls) {

	static ConnectionView of(ConnectionInfo info, Instant now) {
		Instant lastActive = Stream.of(info.lastFrameIn(), info.lastFrameOut())
			.filter((last) -> last != null && last.isAfter(info.since()))
			.max(Instant::compareTo)
			.orElse(info.since());
		return new ConnectionView(info.id(), info.listener(), NetUtil.toSocketAddressString(info.remoteAddress()),
				NetUtil.toSocketAddressString(info.localAddress()), info.state().text(), info.missedHeartbeats(),
				info.identity(), info.since(), millis(info.since(), now), millis(lastActive, now), info.lastFrameIn(),
				info.lastFrameOut(), info.framesIn(), info.framesOut(), info.bytesIn(), info.bytesOut(),
				info.pendingInput(), info.pendingOutput(), info.tls());
	}

	// never negative: a frame may come between the reading of the clock and the snapshot
	private static long millis(Instant from, Instant to) {
		return Math.max(0, Duration.between(from, to).toMillis());
	}

}
