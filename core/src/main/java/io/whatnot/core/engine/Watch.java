package io.whatnot.core.engine;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Change;
import io.whatnot.core.model.WatchEvent;
import io.whatnot.core.state.State;
import io.whatnot.core.state.tree.Elements;
import java.util.Iterator;
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
    Initial initial;

    /**
     * An initial state on its way.
     *
     * @param of the state it is of
     * @param elements what is left to send
     * @param view the name it is held under; 0 until it turns out that it can't be sent at once
     */
    record Initial(State of, Iterator<Elements.Placed> elements, long view) {}

    Watch(
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

    boolean matches(WatchEvent event) {
        return changes.contains(event.change())
                && (recursive ? event.path().startsWith(path) : event.path().equals(path));
    }

    /** Whether there is room for more at both its own end and its connection's. */
    boolean hasRoom() {
        return credit > 0 && connection.hasRoom();
    }
}
