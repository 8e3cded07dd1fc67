package io.whatnot.node.faults;

import java.util.Arrays;

/** Numbers in a row, of which the first so many can be raised, and the greatest of the first so many found, in O(log n). */
final class PrefixMaximum {
    private final int size;
    /** Of each node of the tree, the root being 1: the greatest below it, without what was added above. */
    private final long[] greatest;

    private final long[] added;
    private long found;
    private int foundAt;

    PrefixMaximum(long[] numbers) {
        size = Math.max(1, numbers.length);
        int width = 2 * Integer.highestOneBit(size) * 2;
        greatest = new long[width];
        added = new long[width];
        Arrays.fill(greatest, Long.MIN_VALUE / 2);
        fill(1, 0, size - 1, numbers);
    }

    private void fill(int node, int from, int to, long[] numbers) {
        if (from < to) {
            int middle = (from + to) >>> 1;
            fill(2 * node, from, middle, numbers);
            fill(2 * node + 1, middle + 1, to, numbers);
            greatest[node] = Math.max(greatest[2 * node], greatest[2 * node + 1]);
        } else if (from < numbers.length) {
            greatest[node] = numbers[from];
        }
    }

    /** Raises all up to that index. */
    void raiseUpTo(int index, long amount) {
        raise(1, 0, size - 1, index, amount);
    }

    private void raise(int node, int from, int to, int index, long amount) {
        if (to <= index) {
            greatest[node] += amount;
            added[node] += amount;
            return;
        }
        int middle = (from + to) >>> 1;
        raise(2 * node, from, middle, index, amount);
        if (middle < index) {
            raise(2 * node + 1, middle + 1, to, index, amount);
        }
        greatest[node] = Math.max(greatest[2 * node], greatest[2 * node + 1]) + added[node];
    }

    /** Where the greatest is of all up to that index. */
    int greatestUpTo(int index) {
        found = Long.MIN_VALUE;
        find(1, 0, size - 1, index, 0);
        return foundAt;
    }

    /** What was found there. */
    long greatest() {
        return found;
    }

    private void find(int node, int from, int to, int index, long above) {
        if (greatest[node] + above <= found) {
            return;
        }
        if (from == to) {
            found = greatest[node] + above;
            foundAt = from;
            return;
        }
        int middle = (from + to) >>> 1;
        if (middle < index) {
            find(2 * node + 1, middle + 1, to, index, above + added[node]);
        }
        find(2 * node, from, middle, index, above + added[node]);
    }
}
