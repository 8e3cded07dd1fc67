package io.whatnot.client;

import io.whatnot.core.model.Blocker;
import java.util.List;

/**
 * Where a request waits.
 *
 * @param position its place in line, from 1
 * @param blockedBy the first few of those in its way: holders first, then earlier requests
 */
public record QueuePosition(long position, List<Blocker> blockedBy) {
    public QueuePosition {
        blockedBy = List.copyOf(blockedBy);
    }
}
