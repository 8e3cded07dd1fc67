package io.whatnot.core.state;

import io.whatnot.core.model.AbsolutePath;
import org.jspecify.annotations.Nullable;

/**
 * Something that happens when cluster time gets there. Ordered by time, then kind, then id: so all nodes fire the same
 * deadlines in the same order, whenever they learn of the time.
 *
 * @param atMillis when, in cluster time
 * @param kind what
 * @param session whose; 0 of an element's
 * @param sequence of a lease or wait; else 0
 * @param namespace of an element's or a sweep's; else empty
 * @param path of an element's or a sweep's; else null
 */
record Deadline(
        long atMillis,
        Kind kind,
        long session,
        long sequence,
        String namespace,
        @Nullable AbsolutePath path) implements Comparable<Deadline> {
    /**
     * What ends, in the order of ends at the same time: a lease that ends, or a recovery, may yet serve a wait, and either
     * may keep something from being swept away.
     */
    enum Kind {
        SESSION,
        LEASE,
        ELEMENT,
        RECOVERY,
        WAIT,
        SWEEP
    }

    static Deadline ofSession(long atMillis, long session) {
        return new Deadline(atMillis, Kind.SESSION, session, 0, "", null);
    }

    static Deadline ofLease(long atMillis, long session, long sequence) {
        return new Deadline(atMillis, Kind.LEASE, session, sequence, "", null);
    }

    static Deadline ofWait(long atMillis, long session, long sequence) {
        return new Deadline(atMillis, Kind.WAIT, session, sequence, "", null);
    }

    static Deadline ofElement(long atMillis, String namespace, AbsolutePath path) {
        return new Deadline(atMillis, Kind.ELEMENT, 0, 0, namespace, path);
    }

    static Deadline ofRecovery(long atMillis) {
        return new Deadline(atMillis, Kind.RECOVERY, 0, 0, "", null);
    }

    static Deadline ofSweep(long atMillis, String namespace, AbsolutePath path) {
        return new Deadline(atMillis, Kind.SWEEP, 0, 0, namespace, path);
    }

    @Override
    public int compareTo(Deadline other) {
        int order = Long.compare(atMillis, other.atMillis);
        order = order != 0 ? order : kind.compareTo(other.kind);
        order = order != 0 ? order : Long.compare(session, other.session);
        order = order != 0 ? order : Long.compare(sequence, other.sequence);
        order = order != 0 ? order : namespace.compareTo(other.namespace);
        if (order != 0 || path == null || other.path == null) {
            return order;
        }
        return path.compareTo(other.path);
    }
}
