package io.holdfast.protocol;

import io.holdfast.framing.Framing;

/**
 * A wire format, ready for use.
 *
 * @param name the preset's, or the one in {@code gateway.protocols}
 * @param framing where its frames begin and end
 */
public record Protocol(String name, Framing framing) {

}
