package io.whatnot.core.state.tree;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Actor;
import io.whatnot.core.model.ElementView;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Value;

/**
 * What is registered at a path.
 *
 * @param value what it holds
 * @param version 1 when it was registered, one more with every put
 * @param createRevision when it was registered
 * @param modRevision when it last changed
 * @param actor who changed it last
 * @param ttlMillis after so long without a put it is deleted; 0 for never
 * @param deadlineMillis when that is, in cluster time; 0 for never
 * @param ephemeralSession the session whose end deletes it; 0 for none
 */
public record Element(
        Value value,
        long version,
        long createRevision,
        long modRevision,
        Actor actor,
        long ttlMillis,
        long deadlineMillis,
        long ephemeralSession) {
    /** Whether it ends by itself; then nothing may be registered below it. */
    public boolean isPassing() {
        return ttlMillis != 0 || ephemeralSession != 0;
    }

    /** The element as clients see it. */
    public ElementView view(AbsolutePath path) {
        return view(path, true);
    }

    /** The element as clients see it, with its value or without. */
    public ElementView view(AbsolutePath path, boolean withValue) {
        return new ElementView(
                path,
                withValue ? value : Value.NONE,
                version,
                new Revision(createRevision),
                new Revision(modRevision),
                actor,
                ttlMillis,
                ephemeralSession);
    }
}
