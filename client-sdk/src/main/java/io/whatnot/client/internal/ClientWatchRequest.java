package io.whatnot.client.internal;

import io.whatnot.client.WatchListener;
import io.whatnot.client.WatchRequest;
import io.whatnot.client.WatchSubscription;
import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Change;
import io.whatnot.core.model.Revision;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** A watch that some client may start. */
final class ClientWatchRequest implements WatchRequest {
    private final WatchStream watches;
    private final WatchSpec spec;

    ClientWatchRequest(WatchStream watches, String namespace, AbsolutePath path) {
        this(watches, new WatchSpec(namespace, path, false, Set.of(), false, 0, false));
    }

    private ClientWatchRequest(WatchStream watches, WatchSpec spec) {
        this.watches = watches;
        this.spec = spec;
    }

    @Override
    public WatchRequest recursive() {
        return with(true, spec.changes(), spec.initialState(), spec.after(), spec.previousValues());
    }

    @Override
    public WatchRequest changes(Change... changes) {
        Set<Change> set = EnumSet.noneOf(Change.class);
        set.addAll(List.of(changes));
        return with(spec.recursive(), set, spec.initialState(), spec.after(), spec.previousValues());
    }

    @Override
    public WatchRequest initialState() {
        return with(spec.recursive(), spec.changes(), true, spec.after(), spec.previousValues());
    }

    @Override
    public WatchRequest after(Revision revision) {
        return with(spec.recursive(), spec.changes(), spec.initialState(), revision.value(), spec.previousValues());
    }

    @Override
    public WatchRequest previousValues() {
        return with(spec.recursive(), spec.changes(), spec.initialState(), spec.after(), true);
    }

    private WatchRequest with(
            boolean recursive, Set<Change> changes, boolean initialState, long after, boolean previousValues) {
        if (initialState && after != 0) {
            throw new IllegalArgumentException("a watch begins with the initial state or after a revision, not both");
        }
        return new ClientWatchRequest(
                watches,
                new WatchSpec(spec.namespace(), spec.path(), recursive, changes, initialState, after, previousValues));
    }

    @Override
    public WatchSubscription start(WatchListener listener) {
        return watches.start(spec, listener);
    }
}
