package io.holdfast.actuate;

import java.util.List;

/**
 * All upstreams.
 *
 * @param upstreams each of them, by name
 */
public record UpstreamsView(List<UpstreamView> upstreams) {

}
