package io.whatnot.node.faults;

import java.util.ArrayList;
import java.util.List;

/**
 * When the cluster has lost its memory, and said so by a new epoch, after a majority of nodes had forgotten at once. What was
 * written before may be gone then; nothing else excuses that.
 */
final class Losses {
    /**
     * A loss.
     *
     * @param fromNanos before the first node was killed
     * @param toNanos when clients were told
     */
    record Loss(long fromNanos, long toNanos) {}

    private final List<Loss> losses = new ArrayList<>();

    void add(long fromNanos, long toNanos) {
        losses.add(new Loss(fromNanos, toNanos));
    }

    int count() {
        return losses.size();
    }

    /** Until when what clients wrote in a generation is counted on: they enter the next at each loss. */
    long endOf(long generation) {
        return generation < losses.size() ? losses.get((int) generation).fromNanos : Long.MAX_VALUE;
    }

    /** Whether there was one in that time, or part of one. */
    boolean isAny(long fromNanos, long toNanos) {
        return losses.stream().anyMatch(loss -> loss.fromNanos <= toNanos && loss.toNanos >= fromNanos);
    }
}
