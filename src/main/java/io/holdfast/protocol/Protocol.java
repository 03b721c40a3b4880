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
 */
public record Protocol(String name, Framing framing, @Nullable Correlation correlation) {

}
