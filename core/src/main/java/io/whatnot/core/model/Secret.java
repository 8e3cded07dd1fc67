package io.whatnot.core.model;

/**
 * 128 random bits that a client opens a session with, and shows to attach to it from another connection. Never shown.
 *
 * @param high the first half
 * @param low the second half
 */
public record Secret(long high, long low) implements Comparable<Secret> {
    @Override
    public int compareTo(Secret other) {
        int byHigh = Long.compare(high, other.high);
        return byHigh != 0 ? byHigh : Long.compare(low, other.low);
    }

    @Override
    public String toString() {
        return "***";
    }
}
