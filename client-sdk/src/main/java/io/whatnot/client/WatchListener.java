package io.whatnot.client;

import io.whatnot.core.model.ElementView;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.WatchEvent;
import java.util.List;

/**
 * Told what a watch sees, one call at a time, in order, on a thread of the library's; blocking is allowed and holds up
 * this watch alone. What it throws is logged, and the watch goes on.
 */
public interface WatchListener {
    /**
     * What matches at one revision; every event after that revision follows. Of a watch that asked for it first of all,
     * and of any watch after {@link #resynced}.
     *
     * @param at the revision
     * @param elements the registered elements, in the order of paths
     */
    default void initialState(Revision at, List<ElementView> elements) {}

    /**
     * All that happened at one revision and matters to the watch.
     *
     * @param at the revision, greater than all before
     * @param events in order
     */
    void events(Revision at, List<WatchEvent> events);

    /**
     * Some events are lost: no node remembers them. What matches now follows as {@link #initialState}.
     *
     * @param last the revision up to which everything was seen
     * @param now the revision from which everything will be
     */
    default void resynced(Revision last, Revision now) {}

    /** The watch is over without having been closed: its namespace was dropped, say. Nothing else is called. */
    default void ended(WhatnotException why) {}
}
