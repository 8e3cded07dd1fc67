package io.whatnot.core.engine;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * A queue in which each sender has a line of its own, and one is taken from each line in turn (Nagle, On Packet Switches with
 * Infinite Storage, RFC 970, 1985): however much one has sent, another waits for one of his before each of its own. What
 * one sender sends stays in order.
 *
 * @param <T> what waits
 */
final class FairQueue<T> {
    private record Line<T>(long sender, Queue<T> waiting) {}

    private final Map<Long, Line<T>> lines = new HashMap<>();
    private final Queue<Line<T>> turns = new ArrayDeque<>();

    synchronized void add(long sender, T item) {
        Line<T> line = lines.get(sender);
        if (line == null) {
            line = new Line<>(sender, new ArrayDeque<>(2));
            lines.put(sender, line);
            turns.add(line);
        }
        line.waiting.add(item);
    }

    /** The next, or null if nothing waits. */
    synchronized @Nullable T poll() {
        Line<T> line = turns.poll();
        if (line == null) {
            return null;
        }
        T next = line.waiting.remove();
        if (line.waiting.isEmpty()) {
            lines.remove(line.sender);
        } else {
            turns.add(line);
        }
        return next;
    }
}
