package io.whatnot.client;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Revision;

/**
 * A place that has a semaphore pool, or may have one, or is served by one above. Cheap; nothing is sent until it is used.
 *
 * <p>A pool has so many slots. A claim takes some of them; claims are granted in the order in which they came, so that a
 * large one is not starved by small ones. What changes a pool is refused, LOCKED, while another owner holds a lock there,
 * or, of a pool that serves what is below, anywhere below.
 */
public interface SemaphorePool {
    /** Where. */
    AbsolutePath path();

    /**
     * The same place, whose pool is changed under that lease: STALE_TOKEN if it has ended or does not cover the place, or, of a
     * pool that serves what is below, all below. Claims are the same as without.
     */
    SemaphorePool under(LeaseContext lease);

    /**
     * Makes a pool of that many slots here.
     *
     * @throws WhatnotException POOL_EXISTS if there is one, and no {@link PoolOption#PURGE} is asked for
     */
    Revision create(long size, PoolOption... options) throws InterruptedException;

    /**
     * Gives the pool another size. Claims stay; if they have more slots than it has then, nothing is granted until enough
     * of them have ended.
     *
     * @throws WhatnotException NO_SUCH_POOL if there is none here
     */
    Revision resize(long size) throws InterruptedException;

    /**
     * Takes the pool away. Its claims end, and those who wait fail.
     *
     * @throws WhatnotException NO_SUCH_POOL if there is none here
     */
    Revision remove() throws InterruptedException;

    /** The pool that serves this path, linearizably: its numbers, who holds claims on it and who waits. */
    Result.Pool describe() throws InterruptedException;

    /** A claim on so many slots of the pool that serves this path, to be described further. */
    ClaimRequest claim(long slots);
}
