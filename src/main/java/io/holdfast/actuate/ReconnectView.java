package io.holdfast.actuate;

import com.fasterxml.jackson.annotation.JsonUnwrapped;

/**
 * An upstream whose links are being replaced.
 *
 * @param replacing how many links that are: idle ones now, others when they are given
 * back
 * @param upstream the upstream as it is now, its fields beside the number
 */
public record ReconnectView(int replacing, @JsonUnwrapped UpstreamView upstream) {

}
