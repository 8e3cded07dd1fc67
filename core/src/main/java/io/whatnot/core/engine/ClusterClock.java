package io.whatnot.core.engine;

import io.whatnot.core.time.Scheduler;
import java.util.concurrent.TimeUnit;

/**
 * The leader's clock of cluster time. It starts at the time of the last applied entry and follows the monotonic clock;
 * of a gap between two samples (a pause of the process, a stall of the machine) one election timeout counts at most and
 * the rest is discarded for ever. So cluster time never goes back, never runs faster than real time, stands still while
 * there is no leader, and a leader that was paused does not expire everybody whose heartbeats wait in its sockets.
 *
 * <p>It has to be sampled at least every {@link #SAMPLE_MILLIS}, by {@link LeaderDuties}.
 */
final class ClusterClock {
    /** How often it is sampled at least. */
    static final long SAMPLE_MILLIS = 50;

    private final Scheduler scheduler;
    private final long gapNanosMax;
    private boolean running;
    private long timeMillis;
    private long sampledNanos;

    ClusterClock(Scheduler scheduler, long electionTimeoutMillis) {
        this.scheduler = scheduler;
        this.gapNanosMax = TimeUnit.MILLISECONDS.toNanos(electionTimeoutMillis);
    }

    synchronized void start(long timeMillis) {
        this.timeMillis = timeMillis;
        this.sampledNanos = scheduler.nanoTime();
        this.running = true;
    }

    synchronized void stop() {
        running = false;
    }

    /** Cluster time now, in milliseconds; 0, which proves nothing, on a node that does not lead. */
    synchronized long now() {
        if (!running) {
            return 0;
        }
        long nanos = scheduler.nanoTime();
        long gap = nanos - sampledNanos;
        if (gap > gapNanosMax) {
            sampledNanos = nanos - gapNanosMax;
            gap = gapNanosMax;
        }
        long millis = TimeUnit.NANOSECONDS.toMillis(gap);
        timeMillis += millis;
        sampledNanos += TimeUnit.MILLISECONDS.toNanos(millis);
        return timeMillis;
    }
}
