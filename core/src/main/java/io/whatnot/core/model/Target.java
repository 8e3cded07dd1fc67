package io.whatnot.core.model;

/**
 * One of the things a lease locks.
 *
 * @param path where
 * @param scope how far down
 * @param mode whom it keeps out
 */
public record Target(AbsolutePath path, Scope scope, Mode mode) {
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
        return new Target(path, scope, Mode.SHARED);
    }

    /** Whether some element is locked by both: the paths are equal, or one is a PREFIX at or above the other. */
    public boolean overlaps(Target other) {
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
        return mode.covers(other.mode)
                && (scope == Scope.PREFIX
                        ? other.path.startsWith(path)
                        : other.scope == Scope.ELEMENT && other.path.equals(path));
    }

    /** {@code /a/b}, {@code /a/b/**}, with {@code (shared)} behind it where it is. */
    @Override
    public String toString() {
        String reach = scope == Scope.ELEMENT ? path.toString() : path.isRoot() ? "/**" : path + "/**";
        return mode == Mode.SHARED ? reach + " (shared)" : reach;
    }
}
