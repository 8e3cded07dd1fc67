package io.whatnot.node.faults;

import java.util.Map;
import java.util.TreeMap;

/** The greatest number known by each moment: it never falls. */
final class Steps {
    private final TreeMap<Long, Long> greatest = new TreeMap<>();

    /** From that moment on it is at least that. */
    void raise(long fromNanos, long number) {
        if (at(fromNanos) >= number) {
            return;
        }
        greatest.put(fromNanos, number);
        Map.Entry<Long, Long> next = greatest.higherEntry(fromNanos);
        while (next != null && next.getValue() <= number) {
            greatest.remove(next.getKey());
            next = greatest.higherEntry(fromNanos);
        }
    }

    /** What it is at that moment; less than all numbers if nothing is known. */
    long at(long nanos) {
        Map.Entry<Long, Long> entry = greatest.floorEntry(nanos);
        return entry == null ? Long.MIN_VALUE : entry.getValue();
    }
}
