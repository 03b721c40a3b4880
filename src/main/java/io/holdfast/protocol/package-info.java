/**
 * Descriptions of wire formats: a protocol is a name, a framing and, where it has them,
 * the number that a reply shares with its request, the heartbeats, the place of a peer's
 * identity and a frame to part with. It is taken from a preset on the class path or from
 * the team's own settings. Knows the framings that exist; knows nothing of sockets, of
 * connections and of where a protocol is used.
 */
@NullMarked
package io.holdfast.protocol;

import org.jspecify.annotations.NullMarked;
