package io.whatnot.core.engine;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Change;
import io.whatnot.core.model.NamespaceCommand;
import io.whatnot.core.model.WatchEvent;
import io.whatnot.core.protocol.EventCodec;
import io.whatnot.core.protocol.v1.V1;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One watch of one connection, and how far it has got. Only the hub's one thread touches it. */
final class Watch {
    /** Where its next events come from. */
    enum Phase {
        /** The initial state is being sent. */
        STATE,
        /** The history, for the client or its connection could not take events as they came. */
        BEHIND,
        /** Each entry as it is applied. */
        LIVE,
        /** Nowhere: it is over. */
        ENDED
    }

    /** More credit than this is as good as this. */
    private static final long CREDIT_MAX = 1L << 40;

    final WatchConnection connection;
    final long id;
    final String namespace;
    final AbsolutePath path;
    final boolean recursive;
    final Set<Change> changes;
    final boolean previousValue;

    Phase phase = Phase.BEHIND;
    /** Everything that matters up to this revision was sent. */
    long cursor;
    /** How many bytes more may be sent; a revision once begun is sent whole, so it may get below 0. */
    long credit;
    /** What is left to send of the initial state. */
    @Nullable
    InitialState initial;

    private Watch(
            WatchConnection connection,
            long id,
            String namespace,
            AbsolutePath path,
            boolean recursive,
            Set<Change> changes,
            boolean previousValue,
            long credit) {
        this.connection = connection;
        this.id = id;
        this.namespace = namespace;
        this.path = path;
        this.recursive = recursive;
        this.changes = changes;
        this.previousValue = previousValue;
        this.credit = credit;
    }

    /**
     * What a client asked for.
     *
     * @throws IllegalArgumentException if its name, its path or what it is to be told breaks a rule
     */
    static Watch of(WatchConnection connection, long id, V1.StartWatch start) {
        if (start.getInitialState() && start.getAfter() != 0) {
            throw new IllegalArgumentException("a watch begins with the initial state or after a revision, not both");
        }
        return new Watch(
                connection,
                id,
                new NamespaceCommand.Create(start.getNamespace()).namespace(), // whose rules about names hold
                AbsolutePath.parse(start.getPath()),
                start.getRecursive(),
                changes(start.getChangesList()),
                start.getPreviousValue(),
                Math.min(start.getCredit(), CREDIT_MAX));
    }

    private static Set<Change> changes(List<V1.Change> asked) {
        if (asked.isEmpty()) {
            return EnumSet.allOf(Change.class);
        }
        Set<Change> changes = EnumSet.noneOf(Change.class);
        asked.forEach(change -> changes.add(EventCodec.decode(change)));
        return changes;
    }

    /** Its client can take so many bytes more. */
    void addCredit(long bytes) {
        if (bytes > 0) {
            credit = Math.min(credit + Math.min(bytes, CREDIT_MAX), CREDIT_MAX);
        }
    }

    boolean matches(WatchEvent event) {
        return changes.contains(event.change())
                && (recursive ? event.path().startsWith(path) : event.path().equals(path));
    }

    /** Whether there is room for more at both its own end and its connection's. */
    boolean hasRoom() {
        return credit > 0 && connection.hasRoom();
    }
}
