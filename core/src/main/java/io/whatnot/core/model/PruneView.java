package io.whatnot.core.model;

/**
 * The pruning policy in force for an element, as its description shows it.
 *
 * @param policy the path that has the policy: the element's own, or the nearest above it that has one
 * @param idleAfterMillis how long the element is idle before it is removed; 0 for never
 * @param retainValues whether it stays while it holds a value
 * @param idleMillis how long it was idle when the answering node last applied an entry: never more than cluster time has
 *     passed since the policy was set
 */
public record PruneView(AbsolutePath policy, long idleAfterMillis, boolean retainValues, long idleMillis) {
    public PruneView {
        Rules.notNegative("idleAfterMillis", idleAfterMillis);
        Rules.notNegative("idleMillis", idleMillis);
    }

    /** Whether the element is never pruned. */
    public boolean never() {
        return idleAfterMillis == 0;
    }
}
