package io.whatnot.core.testing.simulation;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.ElementView;
import io.whatnot.core.model.Value;
import io.whatnot.core.model.WatchEvent;
import io.whatnot.core.state.State;
import io.whatnot.core.state.tree.Elements;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What watchers see (I9): every matching event once, in order, whole revisions, no gap; or else to be told that there was
 * one; and a position that everything before was told.
 */
public final class WatchChecker implements Commit.Checker {
    private static final String NAME = "I9 a watch sees everything once and in order";

    private final Violations violations;
    private final Witness witness;
    private final NavigableMap<Long, List<WatchEvent>> events = new TreeMap<>();
    private final NavigableMap<Long, String> drops = new TreeMap<>();
    private long delivered;
    private long listings;

    /** A checker that has seen nothing. */
    public WatchChecker(Violations violations, Witness witness) {
        this.violations = violations;
        this.witness = witness;
    }

    /** How often a namespace was dropped. */
    public int drops() {
        return drops.size();
    }

    /** How many listings were told whole. */
    public long listings() {
        return listings;
    }

    /** How many revisions were delivered to watchers. */
    public long delivered() {
        return delivered;
    }

    @Override
    public void committed(Commit commit) {
        commit.applied()
                .events()
                .forEach(event -> events.computeIfAbsent(event.revision().value(), r -> new ArrayList<>())
                        .add(event));
        commit.applied().dropped().forEach(drop -> drops.put(drop.revision(), drop.namespace()));
    }

    /** Requires that somebody was told what is there at a revision, all of it, by however many pages. */
    public void listed(String who, String namespace, long revision, List<ElementView> elements) {
        listings++;
        State state = witness.at(revision);
        List<ElementView> expected = new ArrayList<>();
        if (state.elements().hasNamespace(namespace)) {
            state.elements()
                    .below(namespace, AbsolutePath.ROOT, true, AbsolutePath.ROOT)
                    .forEachRemaining(placed -> expected.add(placed.element().view(placed.path())));
        }
        violations.require(
                elements.equals(expected),
                "I10 all pages of a listing are of one revision",
                () -> who + " was told that " + namespace + " at " + revision + " is " + elements + " instead of "
                        + expected);
    }

    /** Somebody watches. */
    public Watcher watcher(String who, String namespace, AbsolutePath path, boolean recursive, boolean initialState) {
        return new Watcher(who, namespace, path, recursive, initialState);
    }

    /** What one watch was told. */
    public final class Watcher {
        private final String who;
        private final String namespace;
        private final AbsolutePath path;
        private final boolean recursive;
        private boolean wantsState;
        private boolean started;
        /** From when on it should have been told of a drop. */
        private long since;

        private long last;
        /** What is there as far as it can tell from what it was told; null while it can't. */
        private @Nullable NavigableMap<AbsolutePath, Value> mirror;

        private Watcher(String who, String namespace, AbsolutePath path, boolean recursive, boolean initialState) {
            this.who = who;
            this.namespace = namespace;
            this.path = path;
            this.recursive = recursive;
            this.wantsState = initialState;
        }

        private boolean matches(WatchEvent event) {
            return event.namespace().equals(namespace)
                    && (recursive ? event.path().startsWith(path) : event.path().equals(path));
        }

        /** It has started, without a state: everything after that revision is to come. */
        public void started(long revision) {
            if (!started && !wantsState) {
                started = true;
                last = revision;
                since = revision;
            }
        }

        /** It was told what matches at a revision. */
        public void state(long revision, List<ElementView> elements) {
            violations.require(wantsState, NAME, () -> who + " was told a state that it did not ask for");
            violations.require(
                    revision >= last, NAME, () -> who + " goes back from " + last + " to the state of " + revision);
            wantsState = false;
            started = true;
            last = revision;
            since = revision;
            List<ElementView> expected = matching(witness.at(revision));
            violations.require(
                    elements.equals(expected),
                    NAME,
                    () -> who + " was told the state of " + revision + " is " + elements + " instead of " + expected);
            mirror = mirrorOf(elements);
        }

        private static NavigableMap<AbsolutePath, Value> mirrorOf(List<ElementView> elements) {
            NavigableMap<AbsolutePath, Value> mirror = new TreeMap<>();
            elements.forEach(element -> mirror.put(element.path(), element.value()));
            return mirror;
        }

        private void mirror(List<WatchEvent> told) {
            if (mirror != null) {
                for (WatchEvent event : told) {
                    switch (event.change()) {
                        case ADDED, EDITED -> mirror.put(event.path(), Objects.requireNonNull(event.value()));
                        case DELETED, PRUNED -> mirror.remove(event.path());
                        case LOCKED, UNLOCKED, CLAIMED, RELEASED -> {
                            // locks keep nothing registered
                        }
                    }
                }
            }
        }

        /** It has ended, for its namespace was dropped. */
        public void dropped() {
            Long drop = null;
            for (Map.Entry<Long, String> each : drops.tailMap(last, true).entrySet()) {
                if (drop == null && each.getValue().equals(namespace)) {
                    drop = each.getKey();
                }
            }
            violations.require(
                    drop != null || !started,
                    NAME,
                    () -> who + " ended after " + last + ", but " + namespace + " was not dropped since");
            if (drop != null && started && !wantsState) {
                nothingBetween(drop + 1);
            }
        }

        private List<ElementView> matching(State state) {
            List<ElementView> matching = new ArrayList<>();
            Elements elements = state.elements();
            if (!elements.hasNamespace(namespace)) {
                return matching;
            }
            Elements.Placed own = elements.closest(namespace, path);
            if (own.path().equals(path)) {
                matching.add(own.element().view(path));
            }
            if (recursive) {
                Iterator<Elements.Placed> below = elements.below(namespace, path, true, path);
                below.forEachRemaining(placed -> matching.add(placed.element().view(placed.path())));
            }
            return matching;
        }

        /** It was told that events are lost, and that the state of a revision follows. */
        public void resynced(long lastSeen, long now) {
            violations.require(
                    started && lastSeen >= last && now >= lastSeen,
                    NAME,
                    () -> who + " was resynced from " + lastSeen + " to " + now + ", but had been told up to " + last);
            wantsState = true;
        }

        /** It was told the events of a revision. */
        public void events(long revision, List<WatchEvent> told) {
            delivered++;
            violations.require(!wantsState, NAME, () -> who + " was told events before the state: " + told);
            if (started) {
                violations.require(
                        revision > last, NAME, () -> who + " was told " + revision + " after " + last + ": " + told);
                nothingBetween(revision);
            }
            started = true;
            List<WatchEvent> expected = events.getOrDefault(revision, List.of()).stream()
                    .filter(this::matches)
                    .map(WatchChecker::withoutPrevious)
                    .toList();
            violations.require(
                    told.equals(expected),
                    NAME,
                    () -> who + " was told at " + revision + " " + told + " instead of " + expected);
            last = Math.max(last, revision);
            mirror(told);
        }

        private void nothingBetween(long before) {
            for (List<WatchEvent> between :
                    events.subMap(last, false, Math.max(last, before), false).values()) {
                for (WatchEvent event : between) {
                    if (matches(event)) {
                        violations.add(NAME, who + " was not told " + event + ", but later ones");
                        return;
                    }
                }
            }
        }

        /** It is said to have been told everything up to a revision. */
        public void position(long revision) {
            if (started && !wantsState && revision > last) {
                nothingBetween(revision + 1);
                last = revision;
            }
        }

        /** Requires that it was told everything there is. */
        public void conclude() {
            violations.require(
                    started && !wantsState, NAME, () -> who + " was never told anything, though there was time");
            if (started && !wantsState) {
                nothingBetween(Long.MAX_VALUE);
                violations.require(
                        !drops.tailMap(since, false).containsValue(namespace),
                        NAME,
                        () -> who + " goes on, though " + namespace + " was dropped after " + since);
                NavigableMap<AbsolutePath, Value> now = mirrorOf(matching(witness.state()));
                violations.require(
                        mirror == null || withoutBareRoot(mirror).equals(withoutBareRoot(now)),
                        "I10 what a watch mirrors is what is there",
                        () -> who + " has " + mirror + " instead of " + now);
            }
        }
    }

    /** A root that nobody has put comes with its namespace, without an event. */
    private static NavigableMap<AbsolutePath, Value> withoutBareRoot(NavigableMap<AbsolutePath, Value> elements) {
        NavigableMap<AbsolutePath, Value> rest = new TreeMap<>(elements);
        rest.computeIfPresent(AbsolutePath.ROOT, (path, value) -> value.size() == 0 ? null : value);
        return rest;
    }

    private static WatchEvent withoutPrevious(WatchEvent event) {
        return new WatchEvent(
                event.namespace(),
                event.revision(),
                event.index(),
                event.path(),
                event.change(),
                event.cause(),
                event.actor(),
                event.timeMillis(),
                event.value(),
                null,
                event.version(),
                event.token(),
                event.target(),
                event.note());
    }
}
