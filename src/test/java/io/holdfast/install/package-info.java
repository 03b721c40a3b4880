/**
 * What an installation is made of: the chart, the image, the systemd unit.
 */
@NullMarked
package io.holdfast.install;

import org.jspecify.annotations.NullMarked;
