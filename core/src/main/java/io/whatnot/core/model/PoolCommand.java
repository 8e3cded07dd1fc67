package io.whatnot.core.model;

/**
 * Commands about semaphore pools. They are changes like those of elements: another owner's lock on the path, or with a pool
 * that serves everything below on anything there, forbids them. Claims are made by {@link LeaseCommand.Acquire}.
 */
public sealed interface PoolCommand extends Command {
    /** The namespace it is about. */
    String namespace();

    /** Where the pool is. */
    AbsolutePath path();

    /** The lease under which it is made, of the same session; 0 for none. */
    long lease();

    /**
     * Makes a pool. POOL_EXISTS if there is one at the path, unless it is to be purged: then its claims end with cause ADMIN,
     * and those who wait go on waiting for the new one, in their order; but for those who want more than it has, who are
     * told CLAIM_TOO_LARGE.
     *
     * @param namespace where
     * @param path where in it; no element need be there
     * @param size how many slots it has
     * @param prefix whether it also serves every path below that has no nearer pool
     * @param purge whether it replaces the one that is there
     * @param lease see {@link PoolCommand#lease()}
     */
    record Create(String namespace, AbsolutePath path, long size, boolean prefix, boolean purge, long lease)
            implements PoolCommand {
        public Create {
            Rules.namespace(namespace);
            Rules.between("size of the pool", size, 1, Target.SLOTS_MAX);
            Rules.notNegative("lease", lease);
        }
    }

    /**
     * Gives a pool another size. NO_SUCH_POOL if there is none at the path. Claims that are held stay, and while they are
     * more than the pool has nothing is granted; those who wait for more than it has are told CLAIM_TOO_LARGE.
     *
     * @param namespace where
     * @param path where in it
     * @param size how many slots it has from now on
     * @param lease see {@link PoolCommand#lease()}
     */
    record Resize(String namespace, AbsolutePath path, long size, long lease) implements PoolCommand {
        public Resize {
            Rules.namespace(namespace);
            Rules.between("size of the pool", size, 1, Target.SLOTS_MAX);
            Rules.notNegative("lease", lease);
        }
    }

    /**
     * Takes a pool away. NO_SUCH_POOL if there is none at the path. Its claims end with cause ADMIN, and those who wait are
     * told NO_SUCH_POOL.
     *
     * @param namespace where
     * @param path where in it
     * @param lease see {@link PoolCommand#lease()}
     */
    record Remove(String namespace, AbsolutePath path, long lease) implements PoolCommand {
        public Remove {
            Rules.namespace(namespace);
            Rules.notNegative("lease", lease);
        }
    }
}
