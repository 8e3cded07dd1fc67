package io.whatnot.core.model;

import org.jspecify.annotations.Nullable;

/**
 * One of the things a lease locks; or what a claim, which is a lease of slots of a semaphore pool, has of that. A claim
 * conflicts with no lock, and the other way round.
 *
 * @param path where
 * @param scope how far down; of a claim ELEMENT
 * @param mode whom it keeps out; of a claim SHARED
 * @param slots of a claim: how many slots of the pool that serves the path; 0 of a lock
 * @param pool of a claim that was made: where that pool is; else null
 */
public record Target(
        AbsolutePath path,
        Scope scope,
        Mode mode,
        long slots,
        @Nullable AbsolutePath pool) {
    /** The most slots of a pool, and of a claim. */
    public static final long SLOTS_MAX = 1_000_000_000;

    public Target {
        Rules.between("slots", slots, 0, SLOTS_MAX);
        if (slots != 0 && (scope != Scope.ELEMENT || mode != Mode.SHARED)) {
            throw new IllegalArgumentException("a claim of " + slots + " slots at " + path
                    + " has scope ELEMENT and mode SHARED, not " + scope + " and " + mode);
        }
        if (slots == 0 && pool != null) {
            throw new IllegalArgumentException("the lock of " + path + " names pool " + pool + "; only claims do");
        }
    }

    /** A lock. */
    public Target(AbsolutePath path, Scope scope, Mode mode) {
        this(path, scope, mode, 0, null);
    }

    /**
     * A claim of slots of the pool that serves the path.
     *
     * @throws IllegalArgumentException if there are fewer than one or too many
     */
    public static Target claim(AbsolutePath path, long slots) {
        return new Target(path, Scope.ELEMENT, Mode.SHARED, Rules.between("slots", slots, 1, SLOTS_MAX), null);
    }

    /** The same claim, served by a pool. */
    public Target servedBy(AbsolutePath pool) {
        return new Target(path, scope, mode, slots, pool);
    }

    /** Whether it is a claim that is served by that pool. */
    public boolean isServedBy(AbsolutePath other) {
        return pool != null && pool.equals(other);
    }

    /** Whether it is a claim of slots, and no lock. */
    public boolean isClaim() {
        return slots != 0;
    }

    /** The element alone, EXCLUSIVE.
     *
     * @throws PathException if the path breaks a rule */
    public static Target element(String path) {
        return new Target(AbsolutePath.parse(path), Scope.ELEMENT, Mode.EXCLUSIVE);
    }

    /** The element and everything below it, EXCLUSIVE.
     *
     * @throws PathException if the path breaks a rule */
    public static Target prefix(String path) {
        return new Target(AbsolutePath.parse(path), Scope.PREFIX, Mode.EXCLUSIVE);
    }

    /** The same, SHARED. */
    public Target shared() {
        return new Target(path, scope, Mode.SHARED, slots, pool);
    }

    /** Whether some element is locked by both: the paths are equal, or one is a PREFIX at or above the other. */
    public boolean overlaps(Target other) {
        return !isClaim() && !other.isClaim() && isAlong(other);
    }

    private boolean isAlong(Target other) {
        return path.equals(other.path)
                || (scope == Scope.PREFIX && other.path.startsWith(path))
                || (other.scope == Scope.PREFIX && path.startsWith(other.path));
    }

    /** Whether two owners can't hold both at once. */
    public boolean conflictsWith(Target other) {
        return mode.conflictsWith(other.mode) && overlaps(other);
    }

    /** Whether whoever holds this target holds {@code other} too. */
    public boolean covers(Target other) {
        return !isClaim()
                && !other.isClaim()
                && mode.covers(other.mode)
                && (scope == Scope.PREFIX
                        ? other.path.startsWith(path)
                        : other.scope == Scope.ELEMENT && other.path.equals(path));
    }

    /** {@code /a/b}, {@code /a/b/**}, with {@code (shared)} behind it where it is; {@code 3 slots at /a/b of pool /a}. */
    @Override
    public String toString() {
        if (isClaim()) {
            return slots
                    + (slots == 1 ? " slot at " : " slots at ")
                    + path
                    + (pool == null || pool.equals(path) ? "" : " of pool " + pool);
        }
        String reach = scope == Scope.ELEMENT ? path.toString() : path.isRoot() ? "/**" : path + "/**";
        return mode == Mode.SHARED ? reach + " (shared)" : reach;
    }
}
