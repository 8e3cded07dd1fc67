package io.whatnot.core.model;

/**
 * The name of a lease or of a request that waits to become one: the request that asked for it.
 *
 * @param session the session it belongs to
 * @param sequence the request's number in that session
 */
public record LeaseId(long session, long sequence) implements Comparable<LeaseId> {
    @Override
    public int compareTo(LeaseId other) {
        int bySession = Long.compare(session, other.session);
        return bySession != 0 ? bySession : Long.compare(sequence, other.sequence);
    }

    /** {@code session.sequence}. */
    @Override
    public String toString() {
        return session + "." + sequence;
    }
}
