/**
 * The settings tree, what is said when it is wrong, and the one place where everything is
 * put together. Nothing else depends on it.
 */
@NullMarked
package io.holdfast.config;

import org.jspecify.annotations.NullMarked;
