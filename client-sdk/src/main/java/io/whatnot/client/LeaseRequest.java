package io.whatnot.client;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A lease to be asked for. Immutable; each method that describes it gives another, each that asks sends one request.
 */
public interface LeaseRequest {
    /** Everything below the path too, existing or not yet. Of several targets, all of them. */
    LeaseRequest prefix();

    /** With others that ask for the same, keeping out only those that want it for themselves. Of several, all. */
    LeaseRequest shared();

    /** Until that long after the grant, or after the last {@link LeaseContext#renew}: 100 ms to a day. */
    LeaseRequest ttl(Duration ttl);

    /** To be given up when not granted in that time: 0 to a day, which is the default. */
    LeaseRequest waitTimeout(Duration timeout);

    /** Shown to those who are kept waiting: at most 256 characters. */
    LeaseRequest label(String label);

    /** For that owner. Default: of blocking calls the calling thread, of others an owner of its own. */
    LeaseRequest owner(String owner);

    /** To be told, once, when the request has to wait, and behind whom. What it throws is logged. */
    LeaseRequest onQueued(Consumer<QueuePosition> listener);

    /**
     * Asks, and waits.
     *
     * @throws LockTimeoutException if it was not granted in time
     * @throws WhatnotException if it was refused, or no answer came
     * @throws InterruptedException if interrupted; the request is withdrawn
     */
    LeaseContext acquire() throws InterruptedException;

    /**
     * Asks, and does not wait for others.
     *
     * @throws WhatnotException if it was refused for another reason than somebody's being in the way, or no answer came
     * @throws InterruptedException if interrupted; the request is withdrawn
     */
    Optional<LeaseContext> tryAcquire() throws InterruptedException;

    /** Asks. Whoever gets the lease has to end it. Cancelling the future withdraws the request. */
    CompletableFuture<LeaseContext> acquireAsync();

    /**
     * Asks, waits, runs the body in this thread, and releases when the body has ended. Interrupts it if the lease is
     * lost, as {@link LeaseContext#call} does.
     *
     * @throws Exception what {@link #acquire}, {@link LeaseContext#call} or the body throw
     */
    <T extends @Nullable Object> T call(LeaseBody<T> body) throws Exception;

    /**
     * Asks; once granted runs the body on the executor, interrupts it if the lease is lost or the future cancelled, and
     * releases when the body has ended, however it does.
     */
    <T extends @Nullable Object> CompletableFuture<T> callAsync(Executor executor, LeaseBody<T> body);

    /** Asks; once granted begins the stage that the body returns, and releases when that has ended, however it does. */
    <T extends @Nullable Object> CompletableFuture<T> composeAsync(
            Function<LeaseContext, ? extends CompletionStage<T>> body);

    /**
     * What is done under a lease.
     *
     * @param <T> what it returns
     */
    @FunctionalInterface
    interface LeaseBody<T extends @Nullable Object> {
        /** Does it.
         *
         * @throws Exception whatever goes wrong */
        T run(LeaseContext lease) throws Exception;

        /** The same as a callable. */
        default Callable<T> under(LeaseContext lease) {
            return () -> run(lease);
        }
    }
}
