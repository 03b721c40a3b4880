package io.holdfast.transport;

/**
 * Counts of all connections of one factory since it was made.
 *
 * @param framesIn whole frames received
 * @param framesOut frames sent
 * @param bytesIn bytes received, headers and delimiters included
 * @param bytesOut bytes sent, likewise
 */
public record TrafficTotals(long framesIn, long framesOut, long bytesIn, long bytesOut) {

}
