package io.whatnot.core.state.lock;

import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Target;
import java.util.List;

/**
 * A granted lock, or claim of slots of a pool.
 *
 * @param id its name
 * @param namespace where
 * @param targets what it locks
 * @param owner whose it is
 * @param token its fencing token
 * @param ttlMillis how long from grant or renewal; 0: as long as the session lives
 * @param deadlineMillis when it ends, in cluster time; 0: with its session
 * @param sinceMillis when it was granted, in cluster time
 * @param label what its holder wrote on it
 */
public record Lease(
        LeaseId id,
        String namespace,
        List<Target> targets,
        Owner owner,
        long token,
        long ttlMillis,
        long deadlineMillis,
        long sinceMillis,
        String label) {
    /** Whether it is of slots of a pool. */
    public boolean isClaim() {
        return targets.get(0).isClaim();
    }

    /** The same lease with another ttl and deadline. */
    public Lease renewed(long ttlMillis, long deadlineMillis) {
        return new Lease(id, namespace, targets, owner, token, ttlMillis, deadlineMillis, sinceMillis, label);
    }

    /** Whether whoever holds this holds that too. */
    public boolean covers(String namespace, Target target) {
        return this.namespace.equals(namespace) && targets.stream().anyMatch(mine -> mine.covers(target));
    }
}
