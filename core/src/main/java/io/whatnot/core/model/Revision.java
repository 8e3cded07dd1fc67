package io.whatnot.core.model;

/**
 * A point in the history of a cluster: one counter for everything that reads and watches show. The top 20 bits are the
 * epoch, so revisions grow even over a loss of all memory. In JSON a string.
 *
 * @param value the number
 */
public record Revision(long value) implements Comparable<Revision> {
    /** Before the first change. */
    public static final Revision NONE = new Revision(0);

    private static final int EPOCH_SHIFT = 44;

    /** The last epoch that has revisions: beyond, they would turn negative. */
    public static final long EPOCH_MAX = (1L << (63 - EPOCH_SHIFT)) - 1;

    /** The first revision of an epoch is the one after this. */
    public static long startOf(long epoch) {
        return epoch << EPOCH_SHIFT;
    }

    /** The epoch that a revision's number belongs to. */
    public static long epochOf(long revision) {
        return revision >>> EPOCH_SHIFT;
    }

    /** The epoch it belongs to: the Raft term in which the cluster last had to form anew; 0 if it never had to. */
    public long epoch() {
        return epochOf(value);
    }

    @Override
    public int compareTo(Revision other) {
        return Long.compare(value, other.value);
    }

    @Override
    public String toString() {
        return Long.toString(value);
    }
}
