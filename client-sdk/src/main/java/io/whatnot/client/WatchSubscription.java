package io.whatnot.client;

import io.whatnot.core.model.Revision;
import java.util.concurrent.CompletableFuture;

/** A watch that goes on until it is closed. */
public interface WatchSubscription extends AutoCloseable {
    /** Completes when a node has taken the watch in: what happens from then on will be seen. */
    CompletableFuture<Revision> started();

    /** The revision up to which the listener has been told everything; for {@link WatchRequest#after} another time. */
    Revision position();

    /** Ends it. The listener is not called again once this has returned, unless it is being called by then. */
    @Override
    void close();
}
