package io.whatnot.core.model;

import org.jspecify.annotations.Nullable;

/**
 * A registered element, as a read or a watch's initial state shows it.
 *
 * @param path where
 * @param value what it holds; {@link Value#NONE} if it was only registered, or if the listing left values out
 * @param version 1 when it was registered, one more with every put since
 * @param createRevision when it was registered
 * @param modRevision when it last changed
 * @param actor who changed it last
 * @param ttlMillis after so long without a put it is deleted; 0 for never
 * @param ephemeralSession the session whose end deletes it; 0 for none
 * @param prune the pruning policy in force, in the answer to a read of a single element; null if there is none, and in
 *     listings
 */
public record ElementView(
        AbsolutePath path,
        Value value,
        long version,
        Revision createRevision,
        Revision modRevision,
        Actor actor,
        long ttlMillis,
        long ephemeralSession,
        @Nullable PruneView prune) {
    /** An element as listings show it. */
    public ElementView(
            AbsolutePath path,
            Value value,
            long version,
            Revision createRevision,
            Revision modRevision,
            Actor actor,
            long ttlMillis,
            long ephemeralSession) {
        this(path, value, version, createRevision, modRevision, actor, ttlMillis, ephemeralSession, null);
    }

    /** The same with the policy in force. */
    public ElementView pruned(@Nullable PruneView by) {
        return new ElementView(
                path, value, version, createRevision, modRevision, actor, ttlMillis, ephemeralSession, by);
    }
}
