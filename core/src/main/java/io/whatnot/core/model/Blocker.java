package io.whatnot.core.model;

/**
 * What keeps a request from being granted: a lease that is held, or an earlier request that waits.
 *
 * @param id the lease, or the waiting request
 * @param waiting whether it waits itself
 * @param target the target of it that is in the way
 * @param holder whose it is
 * @param owner the owner label inside its session; empty for an owner of its own
 * @param label what its holder wrote on it
 * @param sinceMillis cluster time of the grant, or since when it waits
 * @param remainingMillis until its deadline, or its session's, unless that is moved; of a waiting request, until it
 *     gives up
 */
public record Blocker(
        LeaseId id,
        boolean waiting,
        Target target,
        Actor holder,
        String owner,
        String label,
        long sinceMillis,
        long remainingMillis) {}
