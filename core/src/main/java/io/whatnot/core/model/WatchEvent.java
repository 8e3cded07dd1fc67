package io.whatnot.core.model;

import org.jspecify.annotations.Nullable;

/**
 * One change, as watchers see it. All events of a revision are delivered together, in the order of their index.
 *
 * @param namespace where
 * @param revision when, in the order of everything
 * @param index the place among the events of its revision, from 0
 * @param path the element, or the path of the lock's target, or the path that slots were claimed for
 * @param change what happened
 * @param cause why
 * @param actor who did it, or whose it was
 * @param timeMillis cluster time
 * @param value the new value, of ADDED and EDITED; else null
 * @param previous the value before, of EDITED, DELETED and PRUNED, where the watch asked for it; else null
 * @param version the element's version, of ADDED and EDITED; of DELETED and PRUNED the last one; else 0
 * @param token the fencing token, of LOCKED, UNLOCKED, CLAIMED and RELEASED; else null
 * @param target what was locked, or claimed of which pool, of the same; else null
 * @param note the label of the lease; else empty
 */
public record WatchEvent(
        String namespace,
        Revision revision,
        int index,
        AbsolutePath path,
        Change change,
        Cause cause,
        Actor actor,
        long timeMillis,
        @Nullable Value value,
        @Nullable Value previous,
        long version,
        @Nullable Token token,
        @Nullable Target target,
        String note) {}
