package io.whatnot.core.model;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One entry of the log: the leader's cluster time when it made it, and the requests it packed into it, in their order.
 *
 * @param timeMillis cluster time, in milliseconds
 * @param requests none in an entry that only lets time pass; null stands for one that can't be read, which all nodes
 *     find alike
 */
public record Entry(long timeMillis, List<@Nullable Request> requests) {
    public Entry {
        requests = Collections.unmodifiableList(new ArrayList<>(requests));
    }
}
