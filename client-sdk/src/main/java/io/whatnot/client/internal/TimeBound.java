package io.whatnot.client.internal;

import io.whatnot.core.model.Revision;
import java.util.concurrent.TimeUnit;

/**
 * Knows, by this client's monotonic clock, before when a cluster time can't have been reached.
 *
 * <p>An answer that proves leadership bears a cluster time c that was not over yet when the request was received; so if
 * the request was sent at s, cluster time D is not reached before s + (D - c), and with clocks whose rates differ by at
 * most the drift, not before s + (D - c)(1 - drift) by this clock. Every such pair holds for every D; the best is the one
 * with the greatest s - c(1 - drift).
 */
final class TimeBound {
    private record Pair(long sentNanos, long timeMillis, long epoch) {}

    private final double drift;
    private volatile Pair best = new Pair(0, 0, 0);

    TimeBound(double drift) {
        this.drift = drift;
    }

    /** Takes in a pair; cluster time 0 proves nothing. A new epoch starts a new set of pairs. Guarded. */
    void note(long sentNanos, long timeMillis, long revision) {
        if (timeMillis == 0) {
            return;
        }
        Pair old = best;
        long epoch = Revision.epochOf(revision);
        if (old.timeMillis == 0
                || epoch > old.epoch
                || (epoch == old.epoch && sentNanos - old.sentNanos > slowed(timeMillis - old.timeMillis))) {
            best = new Pair(sentNanos, timeMillis, epoch);
        }
    }

    /** The moment before which the cluster time is surely not reached. May be asked by any thread, once a pair is known. */
    long notReachedBefore(long clusterMillis) {
        Pair pair = best;
        if (pair.timeMillis == 0) {
            throw new IllegalStateException("no pair is known");
        }
        return pair.sentNanos + slowed(clusterMillis - pair.timeMillis);
    }

    /** That much cluster time, in nanoseconds of this clock at its slowest. */
    private long slowed(long millis) {
        long nanos = TimeUnit.MILLISECONDS.toNanos(millis);
        return nanos - (long) Math.ceil(nanos * drift);
    }
}
