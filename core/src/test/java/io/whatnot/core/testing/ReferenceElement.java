package io.whatnot.core.testing;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Actor;
import io.whatnot.core.model.ElementView;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Value;

/** An element of the reference model. */
record ReferenceElement(
        String namespace,
        AbsolutePath path,
        Value value,
        long version,
        long createRevision,
        long modRevision,
        Actor actor,
        long ttlMillis,
        long deadlineMillis,
        long ephemeralSession) {
    /** One that was only registered. */
    static ReferenceElement registered(String namespace, AbsolutePath path, long revision, Actor actor) {
        return new ReferenceElement(namespace, path, Value.NONE, 1, revision, revision, actor, 0, 0, 0);
    }

    boolean isAt(String namespace, AbsolutePath path) {
        return this.namespace.equals(namespace) && this.path.equals(path);
    }

    boolean isBelow(String namespace, AbsolutePath path) {
        return this.namespace.equals(namespace) && this.path.startsWith(path) && !this.path.equals(path);
    }

    boolean endsByItself() {
        return ttlMillis != 0 || ephemeralSession != 0;
    }

    ElementView view(boolean withValue) {
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
