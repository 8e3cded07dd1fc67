package io.whatnot.client;

import java.time.Duration;

/**
 * The slots of a pool as users of {@code java.util.concurrent.Semaphore} expect permits: they are of nobody in particular, and
 * any thread may release what another has acquired. Safe for use by many threads.
 *
 * <p>What is different: it is fair, also where one only tries. There are as many permits as the pool has slots, for all
 * processes together, and nobody releases more than this object has acquired. Permits that were acquired together go back to
 * the pool together, once as many as that have been released. A thread that acquires more than there are, with nobody to
 * release any, waits: deadlocks are not looked for, since anybody may release. And permits can be <b>lost</b>, as every lease
 * can: when the session ends, or an operator ends the claim. Then others may have them, before they are released here, which
 * {@link #release} tells; {@link SemaphorePool#claim} is for those who need to know in time.
 *
 * <p>All methods throw {@link WhatnotException} when the cluster refuses: NO_SUCH_POOL if there is none, CLAIM_TOO_LARGE if it
 * has fewer slots; or does not answer.
 */
public interface ClusterSemaphore {
    /** Acquires a permit, and waits for it. */
    default void acquire() throws InterruptedException {
        acquire(1);
    }

    /** Acquires so many permits, all at once, and waits for them. */
    void acquire(int permits) throws InterruptedException;

    /** The same, and when interrupted goes on waiting; the thread is interrupted when it returns. */
    void acquireUninterruptibly(int permits);

    /** Acquires a permit if there is one and nobody waits for it. */
    default boolean tryAcquire() throws InterruptedException {
        return tryAcquire(1, Duration.ZERO);
    }

    /** Acquires so many permits, all at once, within that time: 0 to a day. */
    boolean tryAcquire(int permits, Duration atMost) throws InterruptedException;

    /** Releases a permit. */
    default void release() {
        release(1);
    }

    /**
     * Releases so many permits.
     *
     * @throws IllegalStateException if fewer are acquired; none is released then
     * @throws LeaseLostException if some of them were lost before; all are released
     */
    void release(int permits);

    /** How many permits the pool has left, linearizably; 0 if more are in use than it has. */
    long availablePermits() throws InterruptedException;
}
