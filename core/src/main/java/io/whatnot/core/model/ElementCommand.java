package io.whatnot.core.model;

/**
 * Commands about elements. Each is checked, as an instantaneous EXCLUSIVE request, against the locks that other owners
 * hold: LOCKED on conflict. One that names a lease (not 0) needs that lease, of its own session, to be held and to
 * cover the path: else STALE_TOKEN.
 */
public sealed interface ElementCommand extends Command {
    /** The longest ttl of an element: ten years, in milliseconds. */
    long TTL_MILLIS_MAX = 10L * 365 * 24 * 3600 * 1000;
    /** The largest value that any setting allows, in bytes. */
    int VALUE_BYTES_MAX = 1 << 20;

    /** The namespace it is in. */
    String namespace();

    /** The element it is about. */
    AbsolutePath path();

    /** The lease it is done under, as its sequence in the same session; 0 for none. */
    long lease();

    /**
     * Registers the element, and all its missing parents. Registering what is registered does nothing.
     *
     * @param namespace where
     * @param path which
     * @param lease see {@link #lease()}
     */
    record Register(String namespace, AbsolutePath path, long lease) implements ElementCommand {
        public Register {
            Rules.namespace(namespace);
            Rules.notNegative("lease", lease);
        }
    }

    /**
     * Registers a child with a name of its own below {@code path}, and all missing parents: {@link Result.Registered} tells
     * its path. The name is the revision of the command as 19 digits, a dash, and the child's index in the command, so
     * children made this way are in the order in which they were made.
     *
     * @param namespace where
     * @param path the parent
     * @param value what the child holds; {@link Value#NONE} for nothing
     * @param lease see {@link #lease()}; it is to cover the child
     */
    record RegisterUnique(String namespace, AbsolutePath path, Value value, long lease) implements ElementCommand {
        private static final SubPath LONGEST_NAME = SubPath.of("9".repeat(19) + "-" + Integer.MAX_VALUE);

        public RegisterUnique {
            Rules.namespace(namespace);
            Rules.notNegative("lease", lease);
            path.resolve(LONGEST_NAME); // or there is no room for a child
        }

        /** The path of a child that was registered at a revision. */
        public AbsolutePath child(Revision revision, int index) {
            String digits = revision.toString();
            return path.resolve(SubPath.of("0".repeat(19 - digits.length()) + digits + "-" + index));
        }
    }

    /**
     * Gives the element a value, registering it and its missing parents if need be.
     *
     * @param namespace where
     * @param path which
     * @param value the new value
     * @param ttlMillis after so long without another put the element is deleted; 0 for never
     * @param ephemeral whether the element is deleted when this session ends
     * @param condition what must hold beforehand, else CONDITION_FAILED, ELEMENT_EXISTS or NO_SUCH_ELEMENT
     * @param lease see {@link #lease()}
     */
    record Put(
            String namespace,
            AbsolutePath path,
            Value value,
            long ttlMillis,
            boolean ephemeral,
            Condition condition,
            long lease)
            implements ElementCommand {
        public Put {
            Rules.namespace(namespace);
            Rules.notNegative("lease", lease);
            if (ttlMillis != 0) {
                Rules.between("ttl in milliseconds", ttlMillis, LeaseCommand.TTL_MILLIS_MIN, TTL_MILLIS_MAX);
            }
        }
    }

    /**
     * Ends the registration of the element; HAS_CHILDREN if something is registered below it and this is not recursive.
     * The root stays registered: a recursive delete there removes everything below it.
     *
     * @param namespace where
     * @param path which
     * @param recursive whether everything below goes too, deepest first, all in one revision
     * @param condition what must hold beforehand; ifAbsent and ifPresent make no sense here
     * @param lease see {@link #lease()}
     */
    record Delete(String namespace, AbsolutePath path, boolean recursive, Condition condition, long lease)
            implements ElementCommand {
        public Delete {
            Rules.namespace(namespace);
            Rules.notNegative("lease", lease);
            if (condition.ifAbsent()) {
                throw new IllegalArgumentException("a delete can't ask for the element to be absent");
            }
            if (condition.ifPresent()) {
                throw new IllegalArgumentException(
                        "a delete need not ask for the element to be present: without it, it is refused anyway");
            }
            if (path.isRoot() && !recursive) {
                throw new IllegalArgumentException("the root is always registered; drop the namespace to be rid of it");
            }
        }
    }

    /**
     * What must hold of an element before a command changes it.
     *
     * @param ifAbsent it must not be registered
     * @param ifVersion its version must be this; 0 for any
     * @param ifModRevision its last change must have this revision; 0 for any
     * @param ifPresent it must be registered, whatever its version; from {@link FeatureLevel#IF_PRESENT} on
     */
    record Condition(boolean ifAbsent, long ifVersion, long ifModRevision, boolean ifPresent) {
        /** Nothing is asked for. */
        public static final Condition NONE = new Condition(false, 0, 0);

        /** That it is registered, and no more. */
        public static final Condition PRESENT = new Condition(false, 0, 0, true);

        public Condition(boolean ifAbsent, long ifVersion, long ifModRevision) {
            this(ifAbsent, ifVersion, ifModRevision, false);
        }

        public Condition {
            Rules.notNegative("ifVersion", ifVersion);
            if (ifAbsent && ifPresent) {
                throw new IllegalArgumentException("an element can't be absent and present; ask for one of them");
            }
            if (ifAbsent && (ifVersion != 0 || ifModRevision != 0)) {
                throw new IllegalArgumentException(
                        "an element can't be absent and have a version; ask for one of them");
            }
        }
    }
}
