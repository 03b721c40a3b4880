/**
 * What several tests need.
 */
@NullMarked
package io.holdfast.testing;

import org.jspecify.annotations.NullMarked;
