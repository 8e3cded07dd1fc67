package io.whatnot.client;

import io.whatnot.core.model.ElementCommand.Condition;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Revision;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a change of an element is to be made: under which lease and owner, on which condition, and for how long. Immutable;
 * each method gives another.
 */
public final class Put {
    private static final Put PLAIN = new Put(null, null, null, Condition.NONE, Duration.ZERO, false);

    private final @Nullable LeaseContext lease;
    private final @Nullable LeaseId leaseId;
    private final @Nullable String owner;
    private final Condition condition;
    private final Duration ttl;
    private final boolean ephemeral;

    private Put(
            @Nullable LeaseContext lease,
            @Nullable LeaseId leaseId,
            @Nullable String owner,
            Condition condition,
            Duration ttl,
            boolean ephemeral) {
        this.lease = lease;
        this.leaseId = leaseId;
        this.owner = owner;
        this.condition = condition;
        this.ttl = ttl;
        this.ephemeral = ephemeral;
    }

    /** On no condition, under no lease, for good. */
    public static Put with() {
        return PLAIN;
    }

    /** Under that lease: LEASE_LOST or STALE_TOKEN if it has ended, STALE_TOKEN if it does not cover the element. */
    public Put lease(LeaseContext lease) {
        return new Put(lease, lease.id(), owner, condition, ttl, ephemeral);
    }

    /**
     * Under the lease of that name, of this client's session, whatever this client believes of it: the servers decide,
     * STALE_TOKEN if it has ended.
     */
    public Put lease(LeaseId id) {
        return new Put(null, id, owner, condition, ttl, ephemeral);
    }

    /** For that owner: passes the locks that it holds. */
    public Put owner(String owner) {
        return new Put(lease, leaseId, owner, condition, ttl, ephemeral);
    }

    /** Only if nothing is registered there: else ELEMENT_EXISTS. */
    public Put ifAbsent() {
        return new Put(lease, leaseId, owner, new Condition(true, 0, 0), ttl, ephemeral);
    }

    /**
     * Only if something is registered there, whatever its version: else NO_SUCH_ELEMENT. Clusters that run, or ran when they
     * were founded, nodes of older versions may refuse it: UNSUPPORTED, until their feature level is raised to 2.
     */
    public Put ifPresent() {
        return new Put(lease, leaseId, owner, Condition.PRESENT, ttl, ephemeral);
    }

    /** Only if the element has that version: else CONDITION_FAILED. */
    public Put ifVersion(long version) {
        return new Put(lease, leaseId, owner, new Condition(false, version, 0), ttl, ephemeral);
    }

    /** Only if the element last changed at that revision: else CONDITION_FAILED. */
    public Put ifModRevision(Revision revision) {
        return new Put(lease, leaseId, owner, new Condition(false, 0, revision.value()), ttl, ephemeral);
    }

    /** To be deleted unless it is put again within that time: 100 ms to ten years. Such an element has no children. */
    public Put ttl(Duration ttl) {
        return new Put(lease, leaseId, owner, condition, ttl, ephemeral);
    }

    /** To be deleted when this client's session ends. Such an element has no children. */
    public Put ephemeral() {
        return new Put(lease, leaseId, owner, condition, ttl, true);
    }

    /** See {@link #lease(LeaseContext)}; null if none was named. */
    public @Nullable LeaseContext lease() {
        return lease;
    }

    /** The name of the lease; null if none was named. */
    public @Nullable LeaseId leaseId() {
        return leaseId;
    }

    /** See {@link #owner(String)}; null if none was set. */
    public @Nullable String owner() {
        return owner;
    }

    /** The condition. */
    public Condition condition() {
        return condition;
    }

    /** See {@link #ttl(Duration)}; zero for none. */
    public Duration ttl() {
        return ttl;
    }

    /** See {@link #ephemeral()}. */
    public boolean isEphemeral() {
        return ephemeral;
    }
}
