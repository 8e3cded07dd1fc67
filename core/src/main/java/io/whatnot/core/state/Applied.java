package io.whatnot.core.state;

import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.WatchEvent;
import java.util.List;

/**
 * What an entry has brought about.
 *
 * @param timeMillis cluster time now
 * @param revision the revision now
 * @param results one for each request of the entry, in their order
 * @param events what watchers see, in order
 * @param pushes what clients are to be told unasked
 * @param dropped namespaces that are gone; watches in them are over
 */
public record Applied(
        long timeMillis,
        long revision,
        List<Result> results,
        List<WatchEvent> events,
        List<Push> pushes,
        List<Dropped> dropped) {
    /**
     * What became of a request that waited, or of a lease that ended without its holder's asking.
     *
     * @param id the request or lease; sequence 0 if it is about the session itself
     * @param result what became of it
     */
    public record Push(LeaseId id, Result result) {}

    /**
     * A namespace that was dropped.
     *
     * @param namespace its name
     * @param revision when
     */
    public record Dropped(String namespace, long revision) {}
}
