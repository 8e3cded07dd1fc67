package io.whatnot.core.state.lock;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Mode;
import io.whatnot.core.model.Scope;
import io.whatnot.core.model.Target;
import io.whatnot.core.state.lock.LockNode.Place;
import io.whatnot.core.state.map.OrderedMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The waiting requests that can be granted after something changed, one after the other by arrival. Whoever asks for the
 * next has granted the last one before.
 *
 * <p>A grant never makes another request grantable, and an end those that it was in the way of. So one goes once through
 * the lines that what became free was in the way of, merged by arrival. A line is left as soon as something held shows
 * that all behind are in its way but one owner; and behind an EXCLUSIVE request that must go on waiting only owners that
 * hold something can pass. So a release costs little, however long the line is.
 *
 * <p>Of a pool the first who waits is looked at, and if he is granted his claim, the next.
 *
 * <p>There is one more way. When an owner who waits loses a lease, or a request is withdrawn, others no longer wait
 * through it. A request that did not wait behind one of those, since that one waited for its owner, now does, and through
 * it perhaps for somebody who waits behind it: who may pass, wherever he waits. So then those are looked at who hold
 * something and are held up by the line alone.
 */
public final class Grants {
    /**
     * A target that became free, or that is waited for no more.
     *
     * @param namespace where
     * @param target what; of a claim, all that may be free of the pool it was served by
     * @param elsewhere whether somebody may have waited for others through its owner, so that it matters elsewhere too
     */
    public record Freed(String namespace, Target target, boolean elsewhere) {}

    private record Line(String namespace, AbsolutePath path, boolean below, Scope scope, Mode mode) {}

    private record Spot(String namespace, AbsolutePath path) implements Comparable<Spot> {
        @Override
        public int compareTo(Spot other) {
            int order = namespace.compareTo(other.namespace);
            return order != 0 ? order : path.compareTo(other.path);
        }
    }

    /** Come to in a line, or in the queue of a pool, or by itself. */
    private record Candidate(long arrival, @Nullable Line line, Pools.@Nullable Place pool) {
        Candidate(long arrival, @Nullable Line line) {
            this(arrival, line, null);
        }
    }

    private final Locks locks;
    private final PriorityQueue<Candidate> candidates =
            new PriorityQueue<>((a, b) -> Long.compare(a.arrival, b.arrival));
    private final TreeSet<Long> judged = new TreeSet<>();
    /** Paths at which an earlier EXCLUSIVE request goes on waiting: who holds nothing does too. */
    private final TreeSet<Spot> occupied = new TreeSet<>();

    private @Nullable Candidate last;
    private boolean thoseWhoHoldAdded;

    Grants(Locks locks, List<Freed> freed) {
        this.locks = locks;
        if (locks.waitingCount() == 0) {
            return; // nearly always
        }
        Set<Line> lines = new LinkedHashSet<>();
        Set<Pools.Place> pools = new LinkedHashSet<>();
        for (Freed one : freed) {
            if (one.target.isClaim()) {
                pools.add(Pools.placeOf(one.namespace, one.target));
            } else {
                addLines(one, lines);
            }
        }
        lines.forEach(line -> advance(new Candidate(0, line)));
        pools.forEach(pool -> advance(new Candidate(0, null, pool)));
        if (freed.stream().anyMatch(Freed::elsewhere)) {
            addThoseHeldUpInLine();
        }
    }

    /** Looks at all that wait. */
    Grants(Locks locks) {
        this.locks = locks;
        locks.waiting().forEach(entry -> candidates.add(new Candidate(entry.key(), null)));
    }

    Grants(Locks locks, boolean elsewhere) {
        this.locks = locks;
        if (elsewhere) {
            addThoseHeldUpInLine();
        }
    }

    private static void addLines(Freed freed, Set<Line> lines) {
        Target target = freed.target;
        for (int depth = 0; depth <= target.path().depth(); depth++) {
            AbsolutePath path = target.path().ancestor(depth);
            boolean here = depth == target.path().depth();
            for (Mode mode : Mode.values()) {
                if (mode.conflictsWith(target.mode())) {
                    lines.add(new Line(freed.namespace, path, false, Scope.PREFIX, mode));
                    if (here) {
                        lines.add(new Line(freed.namespace, path, false, Scope.ELEMENT, mode));
                    }
                    if (here && target.scope() == Scope.PREFIX) {
                        lines.add(new Line(freed.namespace, path, true, Scope.ELEMENT, mode));
                    }
                }
            }
        }
    }

    private void addThoseHeldUpInLine() {
        locks.heldUpInLine().forEach(entry -> candidates.add(new Candidate(entry.key(), null)));
    }

    private void addThoseWhoHold() {
        if (!thoseWhoHoldAdded) {
            thoseWhoHoldAdded = true;
            locks.holdAndWait().forEach(entry -> candidates.add(new Candidate(entry.key(), null)));
        }
    }

    /** The next request that can be granted, or null when there is none. */
    public @Nullable WaitingRequest next() {
        while (true) {
            if (last != null) {
                advance(last);
            }
            last = candidates.poll();
            if (last == null) {
                return null;
            }
            if (judged.add(last.arrival)) {
                WaitingRequest request = locks.waitingAt(last.arrival);
                if (request != null) {
                    if (!mustWait(request)) {
                        return request;
                    }
                    locks.noteWhatHoldsUp(request);
                }
            }
        }
    }

    private boolean mustWait(WaitingRequest request) {
        if (request.isClaim()) {
            return locks.mustWait(request);
        }
        if (!locks.holdsSomething(request.owner())
                && request.targets().stream()
                        .anyMatch(t -> occupied.contains(new Spot(request.namespace(), t.path())))) {
            return true;
        }
        if (!locks.mustWait(request)) {
            return false;
        }
        for (Target target : request.targets()) {
            if (target.mode() == Mode.EXCLUSIVE) {
                occupied.add(new Spot(request.namespace(), target.path()));
            }
        }
        return true;
    }

    /** Finds the next candidate of the line that one came from, if there can be one. */
    private void advance(Candidate from) {
        if (from.pool != null) {
            Pools.Pool pool = locks.pools().at(from.pool);
            OrderedMap.Entry<Long, LeaseId> first =
                    pool == null ? null : pool.queue().first();
            if (first != null && first.key() != from.arrival) { // else it has to wait, and so have all behind
                candidates.add(new Candidate(first.key(), null, from.pool));
            }
            return;
        }
        Line line = from.line;
        if (line == null) {
            return;
        }
        if (!line.below && occupied.contains(new Spot(line.namespace, line.path))) {
            addThoseWhoHold();
            return;
        }
        LockNode root = locks.tree(line.namespace);
        LockNode node = Conflicts.find(root, line.path);
        if (node == null) {
            return;
        }
        Long next = next(node, line, from.arrival);
        if (next == null) {
            return;
        }
        Owner holder = Conflicts.barrier(root, line.path, line.mode, line.below);
        if (holder == null) {
            candidates.add(new Candidate(next, line));
            return;
        }
        WaitingRequest itsOwn = locks.waitingOf(holder);
        if (itsOwn != null) {
            candidates.add(new Candidate(itsOwn.arrival(), null));
        }
    }

    private static @Nullable Long next(LockNode node, Line line, long after) {
        if (!line.below) {
            OrderedMap.Entry<Long, Target> next =
                    node.queue().of(line.scope, line.mode).higher(after);
            return next == null ? null : next.key();
        }
        OrderedMap<Place, Target> queue =
                line.mode == Mode.EXCLUSIVE ? node.exclusiveQueueBelow() : node.sharedQueueBelow();
        OrderedMap.Entry<Place, Target> next = queue.higher(new Place(after, Integer.MAX_VALUE));
        return next == null ? null : next.key().arrival();
    }
}
