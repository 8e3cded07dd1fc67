package io.whatnot.core.model;

/**
 * A fencing token: the revision at which a lease was granted. On a path, an EXCLUSIVE lease's token exceeds all earlier
 * ones (but a lease covered by another of its owner shares that one's), so a resource outside the cluster that
 * remembers the highest token it has seen refuses a holder that lost its lease without noticing. See Kleppmann, "How to
 * do distributed locking" (2016).
 *
 * @param value the number
 */
public record Token(long value) implements Comparable<Token> {
    @Override
    public int compareTo(Token other) {
        return Long.compare(value, other.value);
    }

    @Override
    public String toString() {
        return Long.toString(value);
    }
}
