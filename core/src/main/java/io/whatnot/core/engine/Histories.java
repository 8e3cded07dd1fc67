package io.whatnot.core.engine;

import io.whatnot.core.model.WatchEvent;
import io.whatnot.core.state.Applied;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The histories of all namespaces on this node: each has its own bounds, so that a noisy namespace costs another
 * nothing, and all together have one, which the largest pays for.
 */
final class Histories {
    /** The most events, and about the most bytes, of a namespace, and the most bytes of all. */
    record Bounds(int eventsMax, long bytesMax, long totalBytesMax) {
        static final Bounds DEFAULT = new Bounds(100_000, 32L << 20, 256L << 20);

        Bounds withEvents(int max) {
            return new Bounds(max, bytesMax, totalBytesMax);
        }
    }

    /** The most namespaces that are remembered after they were dropped. */
    private static final int DROPPED_MAX = 1_000;

    private final Bounds bounds;
    private final Map<String, EventHistory> histories = new ConcurrentHashMap<>();
    private final Map<String, Boolean> dropped = new LinkedHashMap<>();
    private final AtomicLong total = new AtomicLong();
    private volatile long floor;

    Histories(Bounds bounds) {
        this.bounds = bounds;
    }

    /** Starts anew: nothing is known of what happened up to that revision. */
    void restart(long revision) {
        floor = revision;
        histories.clear();
        dropped.clear();
        total.set(0);
    }

    /** Adds what an entry brought about; tells it by namespace and revision, in order. */
    List<Dispatch> add(Applied applied) {
        if (applied.events().isEmpty() && applied.dropped().isEmpty()) {
            return List.of();
        }
        List<Dispatch> added = new ArrayList<>();
        List<WatchEvent> events = applied.events();
        int from = 0;
        while (from < events.size()) {
            long revision = events.get(from).revision().value();
            Map<String, List<WatchEvent>> byNamespace = new LinkedHashMap<>();
            for (; from < events.size() && events.get(from).revision().value() == revision; from++) {
                WatchEvent event = events.get(from);
                byNamespace
                        .computeIfAbsent(event.namespace(), n -> new ArrayList<>())
                        .add(event);
            }
            byNamespace.forEach((namespace, group) -> added.add(new Dispatch(
                    namespace,
                    new EventHistory.Changes(revision, group.get(0).timeMillis(), List.copyOf(group), false))));
        }
        for (Applied.Dropped drop : applied.dropped()) {
            markDropped(added, drop, applied.timeMillis());
        }
        for (Dispatch dispatch : added) {
            histories
                    .computeIfAbsent(dispatch.namespace, n -> new EventHistory(floor, total))
                    .add(dispatch.changes, bounds.eventsMax, bounds.bytesMax);
            if (dispatch.changes.dropped()) {
                dropped.put(dispatch.namespace, true);
            } else {
                dropped.remove(dispatch.namespace);
            }
        }
        keepWithinTotal();
        forgetDropped();
        return added;
    }

    /** Of one namespace, what happened at one revision. */
    record Dispatch(String namespace, EventHistory.Changes changes) {}

    /** The drop comes with the events of its revision, or alone if there are none. */
    private static void markDropped(List<Dispatch> added, Applied.Dropped drop, long timeMillis) {
        for (int i = 0; i < added.size(); i++) {
            Dispatch dispatch = added.get(i);
            if (dispatch.namespace.equals(drop.namespace()) && dispatch.changes.revision() == drop.revision()) {
                EventHistory.Changes changes = dispatch.changes;
                added.set(
                        i,
                        new Dispatch(
                                dispatch.namespace,
                                new EventHistory.Changes(
                                        changes.revision(), changes.timeMillis(), changes.events(), true)));
                return;
            }
        }
        int at = 0;
        while (at < added.size() && added.get(at).changes.revision() < drop.revision()) {
            at++;
        }
        added.add(
                at,
                new Dispatch(drop.namespace(), new EventHistory.Changes(drop.revision(), timeMillis, List.of(), true)));
    }

    private void keepWithinTotal() {
        while (total.get() > bounds.totalBytesMax) {
            EventHistory largest = null;
            for (EventHistory history : histories.values()) {
                largest = largest == null || history.bytes() > largest.bytes() ? history : largest;
            }
            long target = bounds.totalBytesMax - bounds.totalBytesMax / 10;
            while (total.get() > target && largest != null && largest.forgetOldest()) {
                // a tenth at a time, so that the largest has not to be looked for again with every entry
            }
        }
    }

    private void forgetDropped() {
        while (dropped.size() > DROPPED_MAX) {
            String oldest = dropped.keySet().iterator().next();
            dropped.remove(oldest);
            EventHistory history = histories.remove(oldest);
            if (history != null) {
                long last = history.floor();
                for (EventHistory.Changes next = history.after(last); next != null; next = history.after(last)) {
                    last = next.revision();
                    history.forgetOldest();
                }
                floor = Math.max(floor, last);
            }
        }
    }

    /** The history of a namespace, or null if nothing has happened there. */
    @Nullable
    EventHistory of(String namespace) {
        return histories.get(namespace);
    }

    /** The revision that a watch can go on after, at the earliest. */
    long floor(String namespace) {
        EventHistory history = histories.get(namespace);
        return history == null ? floor : history.floor();
    }
}
