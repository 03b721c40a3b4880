package io.holdfast.transport;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * Counts of one connection, as of a moment ago.
 *
 * @param framesIn whole frames received
 * @param framesOut frames sent
 * @param bytesIn bytes received, headers and delimiters included
 * @param bytesOut bytes sent, likewise
 * @param lastFrameIn when the last frame came, null before the first
 * @param lastFrameOut when the last frame was sent, null before the first
 * @param pendingInput bytes of whole frames that wait for a worker
 * @param pendingOutput bytes that the peer has not taken yet
 */
public record ConnectionTraffic(long framesIn, long framesOut, long bytesIn, long bytesOut,
		@Nullable Instant lastFrameIn, @Nullable Instant lastFrameOut, long pendingInput, long pendingOutput) {

}
