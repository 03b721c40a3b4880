package io.holdfast.connection;

import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Comparator;

import org.jspecify.annotations.Nullable;

/**
 * One connection at one moment.
 *
 * @param id unique while the gateway runs; the value of the header
 * {@code ip_connectionId}
 * @param listener name of the listener that accepted it
 * @param remoteAddress the peer
 * @param localAddress where the peer reached the gateway
 * @param state where it stands in its life
 * @param missedHeartbeats heartbeats that were missed since the last byte came
 * @param identity who the peer says it is, once that is known
 * @param since when it was opened
 * @param lastFrameIn when the last frame came, if any has
 * @param lastFrameOut when the last frame was sent, if any was
 * @param framesIn frames received
 * @param framesOut frames sent
 * @param bytesIn bytes received
 * @param bytesOut bytes sent
 * @param pendingInput bytes of whole frames that wait for a worker
 * @param pendingOutput bytes that wait for the peer to read
 * @param tls what TLS agreed on, if it is used
 */
public record ConnectionInfo(String id, String listener, InetSocketAddress remoteAddress,
		InetSocketAddress localAddress, ConnectionState state, int missedHeartbeats, @Nullable String identity,
		Instant since, @Nullable Instant lastFrameIn, @Nullable Instant lastFrameOut, long framesIn, long framesOut,
		long bytesIn, long bytesOut, long pendingInput, long pendingOutput, @Nullable TlsInfo tls) {

	/** In the order in which they were opened. */
	public static final Comparator<ConnectionInfo> OLDEST_FIRST = Comparator.comparing(ConnectionInfo::since)
		.thenComparing(ConnectionInfo::id);

	/**
	 * The protocol and cipher suite of TLS.
	 *
	 * @param protocol such as TLSv1.3
	 * @param cipher the suite
	 */
	public record TlsInfo(String protocol, String cipher) {

	}

}
