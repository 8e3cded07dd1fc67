package io.whatnot.node.raft;

/** How large each entry of a log is, in four bytes an entry, and all together. By one thread; the sum is for any. */
final class EntrySizes {
    private int[] ring = new int[1024];
    private long first = 1;
    private long last;
    private volatile long sum;

    /** The next entry; after {@link #clear} any. */
    void append(long index, int size) {
        if (last < first) {
            first = index;
            last = index - 1;
        }
        if (index != last + 1) {
            throw new IllegalStateException("entry " + index + " can't follow entry " + last);
        }
        if (index - first >= ring.length) {
            int[] larger = new int[ring.length * 2];
            for (long i = first; i <= last; i++) {
                larger[(int) (i & (larger.length - 1))] = ring[slot(i)];
            }
            ring = larger;
        }
        last = index;
        ring[slot(index)] = size;
        add(size);
    }

    /** Forgets those before an index. */
    void dropBefore(long index) {
        for (; first < index && first <= last; first++) {
            add(-ring[slot(first)]);
        }
    }

    /** Forgets those after an index. */
    void dropAfter(long index) {
        for (; last > index && last >= first; last--) {
            add(-ring[slot(last)]);
        }
    }

    void clear() {
        ring = new int[1024];
        first = 1;
        last = 0;
        sum = 0;
    }

    long sum() {
        return sum;
    }

    private void add(int size) {
        long before = sum;
        sum = before + size;
    }

    private int slot(long index) {
        return (int) (index & (ring.length - 1));
    }
}
