/**
 * The presets with clients and servers that others have written.
 */
@NullMarked
package io.holdfast.peers;

import org.jspecify.annotations.NullMarked;
