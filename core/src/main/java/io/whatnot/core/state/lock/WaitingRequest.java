package io.whatnot.core.state.lock;

import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Target;
import java.util.List;

/**
 * A request for a lease that has not been granted.
 *
 * @param arrival its number in the order of arrival; {@link #NOT_ARRIVED} of one that does not wait yet
 * @param id its name
 * @param namespace where
 * @param targets what it asks for, all at once
 * @param owner whom it is for
 * @param ttlMillis the ttl of the lease it asks for; 0: as long as the session lives
 * @param sinceMillis when it began to wait, in cluster time
 * @param deadlineMillis when it gives up, in cluster time
 * @param label what its asker wrote on it
 */
public record WaitingRequest(
        long arrival,
        LeaseId id,
        String namespace,
        List<Target> targets,
        Owner owner,
        long ttlMillis,
        long sinceMillis,
        long deadlineMillis,
        String label) {
    /** Later than everything that waits. */
    public static final long NOT_ARRIVED = Long.MAX_VALUE >>> 4;

    /** Whether it is for slots of a pool. */
    public boolean isClaim() {
        return targets.get(0).isClaim();
    }

    /** What it asks to lock; nothing of a claim. */
    List<Target> locks() {
        return isClaim() ? List.of() : targets;
    }

    /** The same request in line. */
    public WaitingRequest arrived(long arrival) {
        return new WaitingRequest(
                arrival, id, namespace, targets, owner, ttlMillis, sinceMillis, deadlineMillis, label);
    }
}
