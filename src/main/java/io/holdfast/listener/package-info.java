/**
 * A bound port and what belongs to it: the connection factory, the two stock adapters and
 * the two channels that users may build on. It must not know where frames go.
 */
@NullMarked
package io.holdfast.listener;

import org.jspecify.annotations.NullMarked;
