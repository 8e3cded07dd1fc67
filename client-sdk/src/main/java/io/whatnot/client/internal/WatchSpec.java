package io.whatnot.client.internal;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Change;
import io.whatnot.core.protocol.EventCodec;
import io.whatnot.core.protocol.v1.V1;
import java.util.Set;

/**
 * What a watch is to see.
 *
 * @param namespace where
 * @param path what
 * @param recursive whether everything below, too
 * @param changes which; none: all
 * @param initialState whether to begin with what is there
 * @param after or else after which revision; 0: from when it starts
 * @param previousValues whether events are to bear the value before
 */
record WatchSpec(
        String namespace,
        AbsolutePath path,
        boolean recursive,
        Set<Change> changes,
        boolean initialState,
        long after,
        boolean previousValues) {
    /** The message that starts it, from where it has got to. */
    V1.StartWatch.Builder start(boolean initialState, long after, long credit) {
        V1.StartWatch.Builder start = V1.StartWatch.newBuilder()
                .setNamespace(namespace)
                .setPath(path.toString())
                .setRecursive(recursive)
                .setPreviousValue(previousValues)
                .setInitialState(initialState)
                .setAfter(initialState ? 0 : after)
                .setCredit(credit);
        changes.forEach(change -> start.addChanges(EventCodec.encode(change)));
        return start;
    }
}
