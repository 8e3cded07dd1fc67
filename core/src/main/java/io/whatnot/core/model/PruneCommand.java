package io.whatnot.core.model;

/**
 * Commands about pruning: which elements are removed when nobody has had to do with them for a while, and that somebody
 * still has. From {@link FeatureLevel#PRUNING} on.
 */
public sealed interface PruneCommand extends Command {
    /** The shortest time after which elements may be pruned: a second. */
    long IDLE_AFTER_MILLIS_MIN = 1_000;

    /** The longest: 366 days. */
    long IDLE_AFTER_MILLIS_MAX = 366L * 24 * 3600 * 1000;

    /** How many policies a namespace may have. */
    int POLICIES_MAX = 1_000;

    /** The namespace it is about. */
    String namespace();

    /** The path it is about. */
    AbsolutePath path();

    /**
     * Gives a path a policy, which holds for it and for everything below that has no nearer one. One that is there already
     * is replaced. It is a change of all that is below: another owner's lock on any of that forbids it.
     *
     * @param namespace where
     * @param path where in it; no element need be there, and the policy stays when one goes
     * @param idleAfterMillis how long elements are idle before they are removed; 0 for never
     * @param retainValues whether elements that hold a value stay
     * @param lease the lease under which it is done, of the same session; 0 for none
     */
    record SetPolicy(String namespace, AbsolutePath path, long idleAfterMillis, boolean retainValues, long lease)
            implements PruneCommand {
        public SetPolicy {
            Rules.namespace(namespace);
            Rules.notNegative("lease", lease);
            if (idleAfterMillis != 0) {
                Rules.between(
                        "the time after which idle elements are pruned, in milliseconds,",
                        idleAfterMillis,
                        IDLE_AFTER_MILLIS_MIN,
                        IDLE_AFTER_MILLIS_MAX);
            } else if (retainValues) {
                throw new IllegalArgumentException(
                        "a policy by which nothing is pruned retains all values anyway; leave that out");
            }
        }

        /** Whether nothing is pruned where it holds. */
        public boolean never() {
            return idleAfterMillis == 0;
        }
    }

    /**
     * Takes the policy of a path away, so that the one above holds again, if there is one. Where there is none this does
     * nothing.
     *
     * @param namespace where
     * @param path where in it
     * @param lease the lease under which it is done, of the same session; 0 for none
     */
    record RemovePolicy(String namespace, AbsolutePath path, long lease) implements PruneCommand {
        public RemovePolicy {
            Rules.namespace(namespace);
            Rules.notNegative("lease", lease);
        }
    }

    /**
     * Says that somebody still has to do with an element: it, and what it lies below, are idle from now on only.
     * NO_SUCH_ELEMENT if it is not registered. It changes nothing of the element, so no lock forbids it.
     *
     * @param namespace where
     * @param path which
     */
    record Touch(String namespace, AbsolutePath path) implements PruneCommand {
        public Touch {
            Rules.namespace(namespace);
        }
    }
}
