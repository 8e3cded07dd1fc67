package io.whatnot.core.state.lock;

import io.whatnot.core.state.map.OrderedMap;
import java.util.List;

/**
 * The deadlocks that are to be cut among those who wait, one after the other, from the oldest request on: as if the requests
 * came as they did, and each that closes a deadlock with those before it failed. So the youngest of a deadlock fails, and
 * nobody who is in none once those before him have failed. Whoever asks for the next has taken that one out of line.
 *
 * <p>All together look at {@link WaitSearch#STEPS_MAX} edges at most; what is not found then is left to the requests' own
 * deadlines.
 */
public final class Deadlocks {
    private final Locks locks;
    private long last;
    private int steps;

    Deadlocks(Locks locks) {
        this.locks = locks;
    }

    /** The next, as {@link Locks#deadlock} tells it, first the request that is to fail. Empty if there is none. */
    public List<Locks.Wait> next() {
        OrderedMap.Entry<Long, Boolean> next = locks.holdAndWait().higher(last);
        while (next != null && steps <= WaitSearch.STEPS_MAX) {
            last = next.key();
            DeadlockSearch search = DeadlockSearch.amongEarlier(locks, last, steps + 1);
            List<Locks.Wait> cycle = search.search();
            steps = search.steps();
            if (!cycle.isEmpty()) {
                return cycle;
            }
            next = locks.holdAndWait().higher(last);
        }
        return List.of();
    }
}
