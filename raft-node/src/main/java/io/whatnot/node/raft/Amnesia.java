package io.whatnot.node.raft;

import io.whatnot.core.time.Scheduler;
import java.util.concurrent.TimeUnit;

/**
 * Whether this voter has lost its memory: it was one before, and started without its log. What it acknowledged may be
 * committed by its help, and it knows nothing of that any more. So its votes count only where all voters grant theirs
 * ({@link Elections}), until it is told, in the log, that a leader has heard of it: by then its log has whatever was
 * committed before.
 */
final class Amnesia {
    private static final int CHANCE_BITS = 20;

    private final long incarnation;
    private final long termAtStart;
    private final Scheduler clock;
    private final long quietUntilNanos;
    private final boolean quietAtStart;
    private volatile boolean amnesiac;

    /**
     * @param atStart what the disk says, this start counted
     * @param chance makes this start differ from any other of the same number, as there is one after an old copy of the
     *     metadata was put back, or if two nodes go by the same name
     * @param hasLog whether the log outlived the restart
     * @param quietMillis how long a voter that was one before grants nothing and does not stand
     */
    Amnesia(RaftMetadata atStart, long chance, boolean hasLog, Scheduler clock, long quietMillis) {
        this.incarnation = atStart.incarnation() << CHANCE_BITS | (chance & ((1 << CHANCE_BITS) - 1));
        this.termAtStart = atStart.term();
        this.clock = clock;
        this.quietAtStart = atStart.voter();
        this.quietUntilNanos = clock.nanoTime() + TimeUnit.MILLISECONDS.toNanos(quietMillis);
        this.amnesiac = atStart.voter() && !hasLog;
    }

    boolean isAmnesiac() {
        return amnesiac;
    }

    /** The present life of this node: how often it has started, and some chance. */
    long incarnation() {
        return incarnation;
    }

    /** How often a node had started in a life. */
    static long starts(long incarnation) {
        return incarnation >>> CHANCE_BITS;
    }

    /** Whether it is too early after the start to grant a vote, or to stand because another asks it to. */
    boolean isQuiet() {
        return quietAtStart && quietUntilNanos - clock.nanoTime() > 0;
    }

    /**
     * The log says that a leader of that term has heard of this voter's loss.
     *
     * @return whether that ends it: it was about the present incarnation, not an earlier one, and the term is none that
     *     was over before
     */
    boolean rejoined(long incarnation, long term) {
        if (amnesiac && incarnation == this.incarnation && term >= termAtStart) {
            amnesiac = false;
            return true;
        }
        return false;
    }

    /** An operator forces the cluster to re-form: whoever leads is to do so by the votes of all, and begin an epoch. */
    void forced() {
        amnesiac = true;
    }

    /**
     * The epoch has begun that it was elected for by all voters: there is nobody left who remembers more. Not before: a
     * leader that is deposed earlier must not win again as if it had lost nothing, under the old epoch.
     */
    void elected() {
        amnesiac = false;
    }
}
