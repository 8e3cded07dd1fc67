package io.whatnot.core.engine;

import io.whatnot.core.time.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * What only the leader does: it keeps the cluster clock sampled, and when the next deadline has passed and nothing else
 * comes it proposes an entry that lets time pass, so that expiry is punctual to some milliseconds. Correctness never
 * depends on it: any entry with a later time fires what is due.
 */
final class LeaderDuties {
    /** Deadlines closer together than this are met by one tick. */
    static final long COALESCE_MILLIS = 5;

    private final ClusterClock clock;
    private final Proposer proposer;
    private final Scheduler scheduler;
    private volatile long term;
    private long nextDeadlineMillis = Long.MAX_VALUE;
    private long dueNanos;
    private Scheduler.@Nullable Timer timer;
    /** The number of the latest timer: one that ran out while it was being replaced is to do nothing. */
    private long lastTimer;

    LeaderDuties(ClusterClock clock, Proposer proposer, Scheduler scheduler) {
        this.clock = clock;
        this.proposer = proposer;
        this.scheduler = scheduler;
    }

    /** This node leads: every earlier entry is applied, the last one bore that time. Twice for a term is once. */
    synchronized void start(long term, long timeMillis, long nextDeadlineMillis) {
        if (term == this.term) {
            return;
        }
        this.term = term;
        this.nextDeadlineMillis = nextDeadlineMillis;
        clock.start(timeMillis);
        proposer.start(term);
        tickIfDue();
    }

    /** This node leads no more. */
    synchronized void stop() {
        term = 0;
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
        proposer.stop();
        clock.stop();
    }

    /** The term in which this node leads; 0 if it does not. */
    long term() {
        return term;
    }

    /** An entry was applied; the next deadline is then. */
    synchronized void applied(long nextDeadlineMillis) {
        boolean sooner = nextDeadlineMillis < this.nextDeadlineMillis;
        this.nextDeadlineMillis = nextDeadlineMillis;
        if (sooner && term != 0) {
            schedule(clock.now());
        }
    }

    private synchronized void wake(long number) {
        if (term != 0 && number == lastTimer) {
            timer = null;
            tickIfDue();
        }
    }

    private void tickIfDue() {
        long now = clock.now();
        if (nextDeadlineMillis <= now) {
            proposer.tick();
        }
        schedule(now);
    }

    private void schedule(long nowMillis) {
        long untilDeadline = Math.max(nextDeadlineMillis - nowMillis, COALESCE_MILLIS);
        long delay = Math.min(untilDeadline, ClusterClock.SAMPLE_MILLIS);
        long due = scheduler.nanoTime() + delay * 1_000_000;
        if (timer != null) {
            if (dueNanos - due <= 0) {
                return;
            }
            timer.cancel();
        }
        dueNanos = due;
        long number = ++lastTimer;
        timer = scheduler.schedule(delay, () -> wake(number));
    }
}
