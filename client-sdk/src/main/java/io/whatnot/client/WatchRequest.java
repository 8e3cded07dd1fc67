package io.whatnot.client;

import io.whatnot.core.model.Change;
import io.whatnot.core.model.Revision;

/** A watch to be started. Immutable; each method that describes it gives another. */
public interface WatchRequest {
    /** Everything below the path too. */
    WatchRequest recursive();

    /** Only these changes; default: all. */
    WatchRequest changes(Change... changes);

    /** What matches first, then everything after that. */
    WatchRequest initialState();

    /** Everything after that revision; default: after the watch has started. Contradicts {@link #initialState}. */
    WatchRequest after(Revision revision);

    /** Events are to bear the value before, too. */
    WatchRequest previousValues();

    /** Starts it. It goes on, over reconnects and failures of nodes, until it is closed. */
    WatchSubscription start(WatchListener listener);
}
