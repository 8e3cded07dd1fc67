package io.whatnot.core.engine;

import io.whatnot.core.model.WatchEvent;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The latest events of one namespace on this node, by revision, so that a watch can go on where it was. Bounded by count
 * and bytes: what no longer fits is forgotten from the oldest on, and a watch that would need it is told COMPACTED.
 *
 * <p>One thread adds; any may read. Who reads asks {@link #reachesBackTo} again afterwards, for what it was about to read
 * may have been forgotten meanwhile.
 */
final class EventHistory {
    private static final int EVENT_BYTES = 200;

    /**
     * All that happened in the namespace at one revision.
     *
     * @param revision the revision
     * @param timeMillis cluster time
     * @param events what watchers see, in order
     * @param dropped whether the namespace was dropped then
     */
    record Changes(long revision, long timeMillis, List<WatchEvent> events, boolean dropped) {
        /** About how much memory they take. */
        long bytes() {
            long bytes = 0;
            for (WatchEvent event : events) {
                bytes += EVENT_BYTES
                        + event.path().toString().length()
                        + event.note().length();
                bytes += event.value() == null ? 0 : event.value().size();
                bytes += event.previous() == null ? 0 : event.previous().size();
            }
            return bytes;
        }
    }

    private final ConcurrentNavigableMap<Long, Changes> changes = new ConcurrentSkipListMap<>();
    private final AtomicLong total;
    private volatile long floor;
    private long events;
    private long bytes;

    /**
     * An empty history.
     *
     * @param floor the revision before the first it can have
     * @param total where the bytes of all histories are summed up
     */
    EventHistory(long floor, AtomicLong total) {
        this.floor = floor;
        this.total = total;
    }

    /** Adds what happened, and forgets what no longer fits. */
    void add(Changes added, int eventsMax, long bytesMax) {
        changes.put(added.revision, added);
        events += added.events.size();
        long more = added.bytes();
        bytes += more;
        total.addAndGet(more);
        while ((events > eventsMax || bytes > bytesMax) && changes.size() > 1) {
            forgetOldest();
        }
    }

    /** Forgets the oldest revision; false if there is none. */
    boolean forgetOldest() {
        Map.Entry<Long, Changes> oldest = changes.firstEntry();
        if (oldest == null) {
            return false;
        }
        floor = oldest.getKey();
        changes.remove(oldest.getKey());
        events -= oldest.getValue().events.size();
        long less = oldest.getValue().bytes();
        bytes -= less;
        total.addAndGet(-less);
        return true;
    }

    /** The revision that a watch can go on after, at the earliest. */
    long floor() {
        return floor;
    }

    /** Whether everything after that revision is still here. */
    boolean reachesBackTo(long revision) {
        return revision >= floor;
    }

    /** What happened next after a revision, or null if nothing has yet. */
    @Nullable
    Changes after(long revision) {
        Map.Entry<Long, Changes> next = changes.higherEntry(revision);
        return next == null ? null : next.getValue();
    }

    /** About how much memory it takes; to be asked by the thread that adds. */
    long bytes() {
        return bytes;
    }
}
