/**
 * The operator's view: metrics, endpoints, health. Reads snapshots and never touches
 * traffic; the only package that knows Micrometer and Actuator.
 */
@NullMarked
package io.holdfast.actuate;

import org.jspecify.annotations.NullMarked;
