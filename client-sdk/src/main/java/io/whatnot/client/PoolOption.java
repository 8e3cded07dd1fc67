package io.whatnot.client;

/** How a semaphore pool is made. */
public enum PoolOption {
    /** It also serves every path below that has no nearer pool. */
    PREFIX,
    /**
     * It replaces the pool that is there: the claims on that end, and those who wait go on waiting for the new one, but for
     * those who want more than it has.
     */
    PURGE
}
