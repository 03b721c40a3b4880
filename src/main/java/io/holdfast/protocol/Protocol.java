package io.holdfast.protocol;

import io.holdfast.framing.Framing;
import org.jspecify.annotations.Nullable;

/**
 * A wire format, ready for use.
 *
 * @param name the preset's, or the one in {@code gateway.protocols}
 * @param framing where its frames begin and end
 * @param correlation by which number a reply is told to belong to its request; null for a
 * protocol whose frames carry none
 * @param heartbeat how peers show that they are alive; null if they do not
 * @param identity where a peer says who it is; null if it does not
 * @param goodbye content of the frame that goes before an orderly close; null for none
 * @param oneWay which frames of a client have no reply; null if the protocol does not say
 */
public record Protocol(String name, Framing framing, @Nullable Correlation correlation, @Nullable Heartbeat heartbeat,
		@Nullable Identity identity, @Nullable BytesSettings goodbye, @Nullable OneWay oneWay) {

}
