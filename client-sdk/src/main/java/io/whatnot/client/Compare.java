package io.whatnot.client;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Transaction;
import io.whatnot.core.model.Value;

/** What a {@link TransactionRequest} may ask to hold. Paths that break a rule are a PathException. */
public final class Compare {
    private Compare() {}

    /** The element is registered and holds that value: the same bytes of the same content type. */
    public static Transaction.Compare value(String path, Value value) {
        return new Transaction.Compare.ValueIs(AbsolutePath.parse(path), value);
    }

    /** The element has that version; 0: it is not registered. */
    public static Transaction.Compare version(String path, long version) {
        return new Transaction.Compare.VersionIs(AbsolutePath.parse(path), version);
    }

    /** The element's last change was at that revision. */
    public static Transaction.Compare modRevision(String path, Revision revision) {
        return new Transaction.Compare.ModRevisionIs(AbsolutePath.parse(path), revision.value());
    }

    /** The element is registered. */
    public static Transaction.Compare exists(String path) {
        return new Transaction.Compare.Registered(AbsolutePath.parse(path), true);
    }

    /** The element is not registered. */
    public static Transaction.Compare absent(String path) {
        return new Transaction.Compare.Registered(AbsolutePath.parse(path), false);
    }

    /** The lease is held, as the servers know. */
    public static Transaction.Compare held(LeaseContext lease) {
        return held(lease.id());
    }

    /** The lease of that name, of whatever session, is held. */
    public static Transaction.Compare held(LeaseId lease) {
        return new Transaction.Compare.Held(lease);
    }
}
