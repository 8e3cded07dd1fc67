package io.whatnot.core.engine;

import io.whatnot.core.state.State;
import io.whatnot.core.time.Scheduler;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * States that are held on to, so that all pages of a listing and all parts of a watch's initial state are from one
 * revision. At most 64, for at most a minute each: an old state keeps in memory what has been replaced since.
 */
final class Views {
    static final int VIEWS_MAX = 64;
    static final long HELD_MILLIS = 60_000;

    private record View(State state, long untilNanos) {}

    private final Scheduler scheduler;
    private final Map<Long, View> views = new LinkedHashMap<>();
    private long held;

    Views(Scheduler scheduler) {
        this.scheduler = scheduler;
    }

    /** Holds a state and tells the name to ask for it by. The oldest view makes room for it. */
    synchronized long hold(State state) {
        dropExpired();
        if (views.size() == VIEWS_MAX) {
            Iterator<Long> oldest = views.keySet().iterator();
            oldest.next();
            oldest.remove();
        }
        long id = name(state.revision(), ++held);
        views.put(id, new View(state, scheduler.nanoTime() + TimeUnit.MILLISECONDS.toNanos(HELD_MILLIS)));
        return id;
    }

    /**
     * A name by which no other node, nor this one before a restart, holds another state, for a listing may be gone on with
     * anywhere: revisions are spread over all numbers (by the golden ratio, as in Knuth's multiplicative hashing).
     */
    private static long name(long revision, long number) {
        return Math.max(1, (revision * 0x9E3779B97F4A7C15L ^ number) & Long.MAX_VALUE);
    }

    /** The state held under that name, or null if it is no longer held. */
    synchronized @Nullable State get(long id) {
        dropExpired();
        View view = views.get(id);
        return view == null ? null : view.state;
    }

    /** Lets go of a state. */
    synchronized void release(long id) {
        views.remove(id);
    }

    private void dropExpired() {
        long now = scheduler.nanoTime();
        views.values().removeIf(view -> view.untilNanos - now <= 0);
    }
}
