package io.whatnot.client.internal;

import io.whatnot.core.model.Revision;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Knows, by this client's monotonic clock, before when a cluster time can't have been reached.
 *
 * <p>An answer that proves leadership bears a cluster time c that was not over yet when the request was received; so if
 * the request was sent at s, cluster time D is not reached before s + (D - c), and with clocks whose rates differ by at
 * most the drift, not before s + (D - c)(1 - drift) by this clock. Every such pair holds for every D; the best is the one
 * with the greatest s - c(1 - drift).
 *
 * <p>Each epoch has pairs of its own, for in each the cluster time may begin anew: a deadline of an epoch that is over
 * keeps the last bound it had there.
 */
final class TimeBound {
    /** Epochs are as rare as losses of all memory; what is older than so many of them is surely over. */
    private static final int EPOCHS_MAX = 4;

    /**
     * When something ends, by the clock of the cluster.
     *
     * @param millis the cluster time
     * @param epoch the epoch whose it is
     */
    record Deadline(long millis, long epoch) {
        /** Never by itself. */
        static final Deadline NONE = new Deadline(0, 0);

        boolean isNone() {
            return millis == 0;
        }

        /** A deadline only moves on, but in a new epoch it is what it is there. */
        Deadline orLater(long newMillis, long newEpoch) {
            boolean later = newEpoch > epoch || (newEpoch == epoch && newMillis > millis);
            return later ? new Deadline(newMillis, newEpoch) : this;
        }
    }

    private record Pair(long sentNanos, long timeMillis, long epoch) {}

    private final double drift;
    /** The best pair of each epoch, the newest first. Never changed, only replaced. */
    private volatile List<Pair> best = List.of();

    TimeBound(double drift) {
        this.drift = drift;
    }

    /** Takes in a pair; cluster time 0 proves nothing. Guarded. */
    void note(long sentNanos, long timeMillis, long revision) {
        if (timeMillis == 0) {
            return;
        }
        // The cluster counts whole milliseconds: when it says c it may be on the point of saying c + 1.
        Pair pair = new Pair(sentNanos, timeMillis + 1, Revision.epochOf(revision));
        Pair newest = best.isEmpty() ? null : best.get(0);
        if (newest == null || pair.epoch > newest.epoch) {
            List<Pair> pairs = new ArrayList<>(List.of(pair));
            best.stream().limit(EPOCHS_MAX - 1).forEach(pairs::add);
            best = List.copyOf(pairs);
        } else if (pair.epoch == newest.epoch
                && sentNanos - newest.sentNanos > slowed(pair.timeMillis - newest.timeMillis)) {
            List<Pair> pairs = new ArrayList<>(best);
            pairs.set(0, pair);
            best = List.copyOf(pairs);
        }
    }

    /** Whether any pair is known. Guarded. */
    boolean isKnown() {
        return !best.isEmpty();
    }

    /**
     * The moment before which a deadline is surely not reached. May be asked by any thread, once a pair is known.
     *
     * <p>Where its epoch has no pair yet an earlier one's serves, for a new epoch can only have set the clock back. A
     * later one's would not.
     */
    long notReachedBefore(Deadline deadline) {
        List<Pair> pairs = best;
        for (Pair pair : pairs) {
            if (pair.epoch <= deadline.epoch) {
                return pair.sentNanos + slowed(deadline.millis - pair.timeMillis);
            }
        }
        if (pairs.isEmpty()) {
            throw new IllegalStateException("no pair is known");
        }
        return pairs.get(pairs.size() - 1).sentNanos; // nothing is proven
    }

    /** That much cluster time, in nanoseconds of this clock at its slowest. */
    private long slowed(long millis) {
        long nanos = TimeUnit.MILLISECONDS.toNanos(millis);
        return nanos - (long) Math.ceil(nanos * drift);
    }
}
