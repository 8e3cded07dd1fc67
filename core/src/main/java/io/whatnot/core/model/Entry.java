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
 * @param foundingLevel the feature level that the cluster is founded with, as its first leader found out by asking all
 *     nodes; of no effect if it has one already; mostly 0, for nothing
 */
public record Entry(long timeMillis, List<@Nullable Request> requests, int foundingLevel) {
    /** One that founds nothing. */
    public Entry(long timeMillis, List<@Nullable Request> requests) {
        this(timeMillis, requests, 0);
    }

    public Entry {
        Rules.notNegative("founding level", foundingLevel);
        requests = Collections.unmodifiableList(new ArrayList<>(requests));
    }
}
