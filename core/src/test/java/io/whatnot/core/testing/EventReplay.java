package io.whatnot.core.testing;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Change;
import io.whatnot.core.model.Entry;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.PoolCommand;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Target;
import io.whatnot.core.model.Value;
import io.whatnot.core.model.WatchEvent;
import io.whatnot.core.state.Applied;
import io.whatnot.core.state.State;
import io.whatnot.core.state.lock.Lease;
import io.whatnot.core.state.lock.Pools;
import io.whatnot.core.state.map.OrderedMap;
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
 * Replays the events of an entry on what was there before it: that must give what is there after it, for a watcher knows
 * nothing else.
 */
public final class EventReplay {
    private static final Content NEW_ROOT = new Content(Value.NONE, 1);

    private final Map<String, NavigableMap<AbsolutePath, Content>> elements = new TreeMap<>();
    private final List<Locked> locked = new ArrayList<>();

    private record Content(Value value, long version) {}

    private record Locked(String namespace, long session, long token, Target target, String label) {}

    private EventReplay(State state) {
        for (String namespace : state.elements().namespaces()) {
            NavigableMap<AbsolutePath, Content> tree = new TreeMap<>();
            tree.put(AbsolutePath.ROOT, content(state.elements().closest(namespace, AbsolutePath.ROOT)));
            Iterator<Elements.Placed> below =
                    state.elements().below(namespace, AbsolutePath.ROOT, true, AbsolutePath.ROOT);
            below.forEachRemaining(placed -> tree.put(placed.path(), content(placed)));
            elements.put(namespace, tree);
        }
        for (OrderedMap.Entry<LeaseId, Lease> lease : state.locks().leases()) {
            for (Target target : lease.value().targets()) {
                locked.add(new Locked(
                        lease.value().namespace(),
                        lease.key().session(),
                        lease.value().token(),
                        target,
                        lease.value().label()));
            }
        }
    }

    private static Content content(Elements.Placed placed) {
        return new Content(placed.element().value(), placed.element().version());
    }

    /** Requires that what an entry brought about explains the difference between two states. */
    public static void check(State before, Entry entry, Applied applied, State after) {
        EventReplay replay = new EventReplay(before);
        replay.checkOrder(before.revision(), applied);
        List<Applied.Dropped> dropped = new ArrayList<>(applied.dropped());
        for (WatchEvent event : applied.events()) {
            replay.drop(dropped, event.revision().value());
            replay.apply(event);
        }
        replay.drop(dropped, Long.MAX_VALUE);
        checkSlots(before, entry, applied, after);
        EventReplay expected = new EventReplay(after);
        // That a namespace is made has no event of its own.
        expected.elements.keySet().forEach(replay::tree);
        Require.that(
                replay.elements.equals(expected.elements),
                "elements",
                expected.elements,
                ", replayed",
                replay.elements);
        for (Locked one : expected.locked) {
            Require.that(replay.locked.remove(one), one, "is held without an event");
        }
        Require.that(replay.locked.isEmpty(), replay.locked, "ended without an event");
    }

    /** Who is granted slots gets free ones: afterwards there are no more in use than the pool had before or has now. */
    private static void checkSlots(State before, Entry entry, Applied applied, State after) {
        if (before.isRecovering() || after.isRecovering()) {
            return; // what is reclaimed was granted before
        }
        for (WatchEvent event : applied.events()) {
            AbsolutePath path = event.change() == Change.CLAIMED && event.target() != null
                    ? event.target().pool()
                    : null;
            Pools.Place place = path == null ? null : new Pools.Place(event.namespace(), path);
            Pools.Pool pool = place == null ? null : after.locks().pools().at(place);
            Pools.Pool earlier = place == null ? null : before.locks().pools().at(place);
            // Changed more than once, it may have been larger in between than before and after.
            if (place != null && pool != null && earlier != null && changesOf(place, entry, applied) < 2) {
                long most = Math.max(pool.size(), Math.max(earlier.size(), earlier.used()));
                Require.that(pool.used() <= most, event, ":", pool.used(), "slots in use of", most);
            }
        }
    }

    private static int changesOf(Pools.Place place, Entry entry, Applied applied) {
        int changes = 0;
        for (int i = 0; i < entry.requests().size(); i++) {
            Request request = entry.requests().get(i);
            if (request != null
                    && request.command() instanceof PoolCommand change
                    && place.equals(new Pools.Place(change.namespace(), change.path()))
                    && !(applied.results().get(i) instanceof Result.Refused)) {
                changes++;
            }
        }
        return changes;
    }

    private void checkOrder(long revision, Applied applied) {
        long last = revision;
        int index = 0;
        for (WatchEvent event : applied.events()) {
            long now = event.revision().value();
            Require.that(now >= last && now > revision && now <= applied.revision(), event, "after revision", last);
            index = now == last ? index + 1 : 0;
            Require.that(event.index() == index, event, "should have index", index);
            Require.that(event.timeMillis() == applied.timeMillis(), event, "has another time than its entry");
            last = now;
        }
    }

    private NavigableMap<AbsolutePath, Content> tree(String namespace) {
        return elements.computeIfAbsent(namespace, unknown -> new TreeMap<>(Map.of(AbsolutePath.ROOT, NEW_ROOT)));
    }

    /** Takes away the namespaces that were dropped before a revision. */
    private void drop(List<Applied.Dropped> dropped, long revision) {
        while (!dropped.isEmpty() && dropped.get(0).revision() < revision) {
            String namespace = dropped.remove(0).namespace();
            NavigableMap<AbsolutePath, Content> left = tree(namespace);
            Require.that(left.keySet().stream().allMatch(AbsolutePath::isRoot), namespace, "is dropped with", left);
            Require.that(locked.stream().noneMatch(one -> one.namespace.equals(namespace)), "locks left in", namespace);
            elements.remove(namespace);
        }
    }

    private void apply(WatchEvent event) {
        NavigableMap<AbsolutePath, Content> tree = tree(event.namespace());
        Content present = tree.get(event.path());
        switch (event.change()) {
            case ADDED -> {
                AbsolutePath parent = event.path().parent().orElseThrow();
                Require.that(present == null && event.version() == 1 && tree.containsKey(parent), event, "on", present);
                tree.put(event.path(), new Content(Objects.requireNonNull(event.value()), event.version()));
            }
            case EDITED -> {
                requirePrevious(event, present, 1);
                tree.put(event.path(), new Content(Objects.requireNonNull(event.value()), event.version()));
            }
            case DELETED, PRUNED -> {
                requirePrevious(event, present, 0);
                AbsolutePath next = tree.higherKey(event.path());
                Require.that(next == null || !next.startsWith(event.path()), event, "before", next);
                tree.remove(event.path());
            }
            case LOCKED, CLAIMED -> locked.add(locked(event));
            case UNLOCKED, RELEASED -> Require.that(locked.remove(locked(event)), event, "of what was not held");
        }
    }

    private static void requirePrevious(WatchEvent event, @Nullable Content present, int more) {
        Require.that(
                present != null
                        && Objects.equals(present.value, event.previous())
                        && present.version + more == event.version(),
                event,
                "on",
                present);
    }

    private static Locked locked(WatchEvent event) {
        Target target = Objects.requireNonNull(event.target());
        Require.that(target.path().equals(event.path()), event, "is elsewhere");
        boolean isOfClaim = event.change() == Change.CLAIMED || event.change() == Change.RELEASED;
        Require.that(target.isClaim() == isOfClaim, event, "tells of", target);
        return new Locked(
                event.namespace(),
                event.actor().session(),
                Objects.requireNonNull(event.token()).value(),
                target,
                event.note());
    }
}
