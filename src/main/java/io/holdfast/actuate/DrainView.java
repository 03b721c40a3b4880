package io.holdfast.actuate;

import java.util.Locale;

import io.holdfast.drain.DrainProgress;

/**
 * The drain of the process as the endpoint shows it.
 *
 * @param phase serving; waiting: not ready, still accepting; leaving: ports closed,
 * connections on their way out; or drained
 * @param left connections that are still to go
 * @param closed connections that have ended since they began to leave
 * @param pending those of the left that have something under way
 * @param secondsToGo longest time that it can still take, rounded up
 * @param cut connections that have not left in time
 * @param cutWithPending those of them that had something under way
 */
public record DrainView(String phase, int left, int closed, int pending, long secondsToGo, int cut,
		int cutWithPending) {

	static DrainView of(DrainProgress progress) {
		return new DrainView(progress.phase().name().toLowerCase(Locale.ROOT), progress.left(), progress.closed(),
				progress.pending(), progress.toGo().plusNanos(999_999_999).toSeconds(), progress.cut(),
				progress.cutWithPending());
	}

}
