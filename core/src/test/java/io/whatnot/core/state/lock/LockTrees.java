package io.whatnot.core.state.lock;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Mode;
import io.whatnot.core.model.Scope;
import io.whatnot.core.model.SubPath;
import io.whatnot.core.model.Target;
import io.whatnot.core.state.lock.LockNode.Place;
import io.whatnot.core.state.map.OrderedMap;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Checks the lock trees against the leases and waiting requests they are made of; for tests outside this package. */
public final class LockTrees {
    private final Map<Target, Set<LeaseId>> held = new HashMap<>();
    private final Map<Target, Set<Place>> awaited = new HashMap<>();
    private int targets;
    private int seen;

    private LockTrees(Locks locks, String namespace) {
        for (OrderedMap.Entry<LeaseId, Lease> lease : locks.leases()) {
            if (lease.value().namespace().equals(namespace) && !lease.value().isClaim()) {
                lease.value().targets().forEach(target -> note(held, target, lease.key()));
            }
        }
        for (OrderedMap.Entry<Long, WaitingRequest> waiting : locks.waiting()) {
            if (waiting.value().namespace().equals(namespace)
                    && !waiting.value().isClaim()) {
                for (Target target : waiting.value().targets()) {
                    int place = waiting.value().targets().indexOf(target);
                    note(awaited, target, new Place(waiting.key(), place));
                }
            }
        }
    }

    private <K> void note(Map<Target, Set<K>> where, Target target, K key) {
        where.computeIfAbsent(target, unknown -> new TreeSet<>()).add(key);
        targets++;
    }

    /**
     * Requires that the trees of these namespaces hold exactly what is locked and waited for, that their counts are right,
     * and that no node is left over.
     */
    public static void check(Locks locks, Collection<String> namespaces) {
        for (String namespace : namespaces) {
            LockTrees trees = new LockTrees(locks, namespace);
            trees.check(AbsolutePath.ROOT, locks.tree(namespace));
            requireEqual(trees.targets, trees.seen, "targets in the tree of " + namespace);
        }
        Set<Long> holdAndWait = new TreeSet<>();
        for (OrderedMap.Entry<Long, WaitingRequest> waiting : locks.waiting()) {
            if (locks.holdsSomething(waiting.value().owner())) {
                holdAndWait.add(waiting.key());
            }
        }
        requireEqual(holdAndWait, keys(locks.holdAndWait()), "those who hold and wait");
    }

    private void check(AbsolutePath path, @Nullable LockNode node) {
        if (node == null) {
            return;
        }
        int atOrBelow = 0;
        for (Scope scope : Scope.values()) {
            for (Mode mode : Mode.values()) {
                Target here = new Target(path, scope, mode);
                Set<LeaseId> holders = keys(node.held().of(scope, mode));
                requireEqual(held.getOrDefault(here, Set.of()), holders, here + " is held by");
                Set<Long> line = new TreeSet<>();
                awaited.getOrDefault(here, Set.of()).forEach(place -> line.add(place.arrival()));
                requireEqual(line, keys(node.queue().of(scope, mode)), here + " is waited for by");
                atOrBelow += holders.size() + line.size();
            }
        }
        seen += atOrBelow;
        for (Mode mode : Mode.values()) {
            int heldBelow = below(held, path, mode).size();
            requireEqual(
                    heldBelow,
                    mode == Mode.EXCLUSIVE ? node.exclusiveBelow() : node.sharedBelow(),
                    mode + " held below " + path);
            Set<Place> line = keys(mode == Mode.EXCLUSIVE ? node.exclusiveQueueBelow() : node.sharedQueueBelow());
            requireEqual(new TreeSet<>(below(awaited, path, mode)), line, mode + " waited for below " + path);
            atOrBelow += heldBelow + line.size();
        }
        if (atOrBelow == 0) {
            throw new AssertionError("the node at " + path + " is left over");
        }
        node.children().forEach(child -> check(path.resolve(SubPath.of(child.key())), child.value()));
    }

    private static <K> List<K> below(Map<Target, Set<K>> where, AbsolutePath path, Mode mode) {
        List<K> below = new ArrayList<>();
        where.forEach((target, keys) -> {
            if (target.mode() == mode
                    && target.path().startsWith(path)
                    && !target.path().equals(path)) {
                below.addAll(keys);
            }
        });
        return below;
    }

    private static <K> Set<K> keys(OrderedMap<K, ?> map) {
        Set<K> keys = new TreeSet<>();
        map.forEach(entry -> keys.add(entry.key()));
        return keys;
    }

    private static void requireEqual(Object expected, Object found, String what) {
        if (!Objects.equals(expected, found)) {
            throw new AssertionError(what + ": expected " + expected + ", but found " + found);
        }
    }
}
