package io.whatnot.client;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A claim to be asked for. Immutable; each method that describes it gives another, each that asks sends one request. Which
 * pool serves it is settled when the cluster has it.
 */
public interface ClaimRequest {
    /** Until that long after the grant, or after the last {@link LeaseContext#renew}: 100 ms to a day. */
    ClaimRequest ttl(Duration ttl);

    /** To be given up when not granted in that time: 0 to a day, which is the default. */
    ClaimRequest waitTimeout(Duration timeout);

    /** Shown to those who are kept waiting: at most 256 characters. */
    ClaimRequest label(String label);

    /** For that owner, who may wait once. Default: of blocking calls the calling thread, of others one of its own. */
    ClaimRequest owner(String owner);

    /** To be told, once, when the request has to wait, and behind whom. What it throws is logged. */
    ClaimRequest onQueued(Consumer<QueuePosition> listener);

    /**
     * Asks, and waits.
     *
     * @throws LockTimeoutException if it was not granted in time
     * @throws WhatnotException if it was refused, NO_SUCH_POOL and CLAIM_TOO_LARGE among others, or no answer came
     * @throws InterruptedException if interrupted; the request is withdrawn
     */
    SemaphoreClaim acquire() throws InterruptedException;

    /**
     * Asks, and does not wait for others.
     *
     * @throws WhatnotException if it was refused for another reason than a lack of slots, or no answer came
     * @throws InterruptedException if interrupted; the request is withdrawn
     */
    Optional<SemaphoreClaim> tryAcquire() throws InterruptedException;

    /** Asks. Whoever gets the claim has to end it. Cancelling the future withdraws the request. */
    CompletableFuture<SemaphoreClaim> acquireAsync();

    /**
     * Asks, waits, runs the body in this thread, and releases when the body has ended. Interrupts it if the claim is lost.
     *
     * @throws Exception what {@link #acquire}, {@link LeaseContext#call} or the body throw
     */
    <T extends @Nullable Object> T call(ClaimBody<T> body) throws Exception;

    /**
     * Asks; once granted runs the body on the executor, interrupts it if the claim is lost or the future cancelled, and
     * releases when the body has ended, however it does.
     */
    <T extends @Nullable Object> CompletableFuture<T> callAsync(Executor executor, ClaimBody<T> body);

    /**
     * What is done under a claim.
     *
     * @param <T> what it returns
     */
    @FunctionalInterface
    interface ClaimBody<T extends @Nullable Object> {
        /** Does it.
         *
         * @throws Exception whatever goes wrong */
        T run(SemaphoreClaim claim) throws Exception;
    }
}
