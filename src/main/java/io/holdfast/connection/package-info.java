/**
 * The connections of now: their peers, ages and traffic, and why they ended. Learns of
 * connections from Spring Integration's events and tells observers. Knows nothing of
 * metrics, of endpoints and of what is done with a frame.
 */
@NullMarked
package io.holdfast.connection;

import org.jspecify.annotations.NullMarked;
