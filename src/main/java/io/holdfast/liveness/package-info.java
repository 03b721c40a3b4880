/**
 * Whether peers are alive, on both sides of the gateway: heartbeats sent and answered,
 * silence, deadlines and ages, and who a peer says it is. Costs nothing for a frame and
 * little for a heartbeat. Knows nothing of where frames go.
 */
@NullMarked
package io.holdfast.liveness;

import org.jspecify.annotations.NullMarked;
