/**
 * What is connected now: who, since when, what it has carried, and why it ended. Learns
 * of connections from Spring Integration's events and tells observers. Knows nothing of
 * metrics, of endpoints and of what is done with a frame.
 */
@NullMarked
package io.holdfast.connection;

import org.jspecify.annotations.NullMarked;
