package io.whatnot.client;

import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Target;
import io.whatnot.core.model.Token;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A lease that was granted: the right to what it covers, until it is released or lost. Any thread may ask, renew and
 * release.
 *
 * <p>What {@link #isHeld} and its like say is proven: from when requests were sent and from the cluster time in their
 * answers it follows that the servers have not ended the lease yet. No wall clock is involved, and a client that is cut
 * off gives up before they do.
 */
public interface LeaseContext extends AutoCloseable {
    /** Its name in the cluster. */
    LeaseId id();

    /** What it locks. */
    List<Target> targets();

    /** Its fencing token, for resources outside the cluster: one that remembers the highest refuses stale holders. */
    Token token();

    /** Whether it can be proven to be held now. Local and cheap. Never true again once false. */
    boolean isHeld();

    /** For how much longer it can be proven to be held as things are; zero if it can't. Local and cheap. */
    Duration remaining();

    /**
     * Returns if the lease can be proven to be held for at least that long. Local and cheap.
     *
     * @throws LeaseLostException if not
     */
    void ensureHeld(Duration margin);

    /**
     * Moves the deadline of a lease with a ttl to that ttl from now. Does nothing to one that lives with its session.
     *
     * @throws LeaseLostException if it has ended
     * @throws WhatnotException if no answer comes in time
     * @throws InterruptedException if interrupted
     */
    void renew() throws InterruptedException;

    /** The same without waiting. */
    CompletableFuture<Void> renewAsync();

    /** Completes, once, when the lease is lost; never if it is released first. What has completed it never returns. */
    CompletableFuture<LossReason> lost();

    /**
     * Runs the body in this thread and interrupts it at the moment the lease is lost. The lease stays as it is when the
     * body returns.
     *
     * @throws LeaseLostException if the lease is not held to begin with, or was lost while the body ran and the body
     *     threw because of that, or ended otherwise after it
     * @throws Exception what the body throws
     */
    <T extends @Nullable Object> T call(Callable<T> body) throws Exception;

    /** Ends the lease and tells when the cluster knows. Ending it again does nothing. */
    CompletableFuture<Void> releaseAsync();

    /**
     * Ends the lease. Does nothing if it has ended. Waits for the cluster to know, but no longer than the lease can last,
     * and not at all in an interrupted thread; never throws.
     */
    @Override
    void close();
}
