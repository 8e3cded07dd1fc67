package io.whatnot.node.faults;

import io.whatnot.client.WatchListener;
import io.whatnot.client.WhatnotException;
import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Change;
import io.whatnot.core.model.ElementView;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.WatchEvent;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * W7: what a watch makes of an initial state and the events after it. Each event has to follow from what is known: an
 * element that is added was not there, one that is edited has the next version, so nothing is missing and nothing comes
 * twice; and revisions grow.
 */
final class Mirror {
    /** What is known of an element. */
    record Content(long version, long modRevision) {}

    private final History history;
    private final long id;
    private final Map<AbsolutePath, Content> contents = new TreeMap<>();
    private long seen;
    private long resyncs;
    private @Nullable WatchListener current;

    Mirror(History history, long id) {
        this.history = history;
        this.id = id;
    }

    /** What a watch is to tell; from now on nothing is taken from those before. */
    synchronized WatchListener listener() {
        WatchListener listener = new WatchListener() {
            @Override
            public void initialState(Revision at, List<ElementView> elements) {
                take(this, () -> begin(at, elements));
            }

            @Override
            public void events(Revision at, List<WatchEvent> events) {
                take(this, () -> goOn(at, events));
            }

            @Override
            public void resynced(Revision last, Revision now) {
                take(this, () -> {
                    resyncs++;
                    history.note('w', id, "resynced " + last + " " + now);
                });
            }

            @Override
            public void ended(WhatnotException why) {
                take(this, () -> history.violation("I9 a watch goes on: it ended with " + why.getMessage()));
            }
        };
        current = listener;
        return listener;
    }

    private synchronized void take(WatchListener from, Runnable what) {
        if (from.equals(current)) {
            what.run();
        }
    }

    /** The last revision that it was told of. */
    synchronized long seen() {
        return seen;
    }

    private void begin(Revision at, List<ElementView> elements) {
        require(at.value() >= seen, () -> "an initial state at " + at + " after " + seen);
        seen = at.value();
        contents.clear();
        elements.forEach(element -> contents.put(
                element.path(),
                new Content(element.version(), element.modRevision().value())));
        history.note('w', id, "initial " + at);
    }

    private void goOn(Revision at, List<WatchEvent> events) {
        require(at.value() > seen, () -> "events at " + at + " after " + seen);
        seen = at.value();
        for (WatchEvent event : events) {
            require(event.revision().equals(at), () -> event + " among those of " + at);
            apply(event);
        }
    }

    private void apply(WatchEvent event) {
        Content before = contents.get(event.path());
        long version = before == null ? 0 : before.version;
        Change change = event.change();
        if (change == Change.ADDED) {
            require(before == null && event.version() == 1, () -> event + " though there was " + before);
        } else if (change == Change.EDITED) {
            require(before != null && event.version() == version + 1, () -> event + " though there was " + before);
        } else if (change == Change.DELETED) {
            require(before != null && event.version() == version, () -> event + " though there was " + before);
        } else {
            return; // nothing is locked here
        }
        if (change == Change.DELETED) {
            contents.remove(event.path());
        } else {
            contents.put(
                    event.path(), new Content(event.version(), event.revision().value()));
        }
        long now = change == Change.DELETED ? 0 : event.version();
        history.note('w', id, "event " + event.revision() + " " + event.path() + " " + now);
    }

    /** How often something was lost, and told. */
    synchronized long resyncs() {
        return resyncs;
    }

    /** Everything that should be there. */
    synchronized Map<AbsolutePath, Content> contents() {
        return new TreeMap<>(contents);
    }

    private void require(boolean holds, Supplier<String> otherwise) {
        if (!holds) {
            history.violation("I9 a watch sees everything once and in order: " + otherwise.get());
        }
    }
}
