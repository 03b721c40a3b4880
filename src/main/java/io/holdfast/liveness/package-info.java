/**
 * How long a connection may be silent.
 */
@NullMarked
package io.holdfast.liveness;

import org.jspecify.annotations.NullMarked;
