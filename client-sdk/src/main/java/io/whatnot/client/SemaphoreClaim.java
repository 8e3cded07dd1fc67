package io.whatnot.client;

import io.whatnot.core.model.AbsolutePath;

/**
 * A claim that was granted: so many slots of a pool, until it is released or lost. All that is said of leases holds: what
 * {@link #isHeld} says is proven, a claim that was reported lost never returns, and in a new epoch it is reclaimed.
 */
public interface SemaphoreClaim extends LeaseContext {
    /** How many slots it has. */
    long slots();

    /** Where the pool is that serves it. */
    AbsolutePath pool();
}
