package io.whatnot.core.state.lock;

import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Target;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds a deadlock: a cycle of requests each of which waits for what the owner of the next one holds.
 *
 * <p>What is held is all there is to look at. That a request waits in line behind another one never is part of a cycle: it
 * does so only unless the other waits for its owner, directly or through others (see {@link WaitSearch}), which around a
 * cycle everybody does for everybody.
 *
 * <p>A deadlock is to be cut if it is so in the namespace of any of its requests. So from a request of a namespace where they
 * stay the search goes on to each owner once by such requests alone, and once by others too. What comes back to the request
 * by others too is one cycle and not several, if none that is to be cut stood before it came.
 *
 * <p>Of several cycles the shortest is found. The search looks at {@link WaitSearch#STEPS_MAX} edges at most; beyond that
 * it finds nothing, and a deadlock is left to the requests' own deadlines.
 */
final class DeadlockSearch {
    /**
     * What somebody wants, of a request, and the request by which he was come to; null for the one that is asked about. And
     * whether a cycle that goes this way is to be cut.
     */
    private record Node(WaitingRequest request, @Nullable Node from, Locks.@Nullable Wait edge, boolean isCut) {}

    private final Locks locks;
    private final WaitingRequest asked;
    private final Deque<Node> todo = new ArrayDeque<>();
    /** Requests that arrived after this are not looked at. */
    private final long latest;
    /** By whom something is held that was come to. */
    private final Set<Owner> seen = new TreeSet<>();
    /** The same by a way that makes a cycle one to be cut. */
    private final Set<Owner> seenCut = new TreeSet<>();

    private @Nullable Node last;
    private int steps;

    private DeadlockSearch(Locks locks, WaitingRequest asked, long latest, int steps) {
        this.locks = locks;
        this.asked = asked;
        this.latest = latest;
        this.steps = steps;
    }

    /** A search for the cycle that a waiting request is in with earlier ones. */
    static DeadlockSearch amongEarlier(Locks locks, long arrival, int steps) {
        return new DeadlockSearch(locks, Objects.requireNonNull(locks.waitingAt(arrival)), arrival, steps);
    }

    /**
     * The cycle that a request closes, or would if it waited: each request with the lease that is in its way, whose owner
     * asks for the next; first the request itself. Empty if there is none.
     */
    static List<Locks.Wait> cycle(Locks locks, WaitingRequest asked) {
        return locks.holdsSomething(asked.owner())
                ? new DeadlockSearch(locks, asked, WaitingRequest.NOT_ARRIVED, 0).search()
                : List.of();
    }

    /** The cycle of the youngest request that is in one, first that request. Empty if there is none. */
    static List<Locks.Wait> youngest(Locks locks) {
        List<Long> arrivals = new ArrayList<>();
        locks.holdAndWait().forEach(entry -> arrivals.add(entry.key()));
        int steps = 0;
        for (int i = arrivals.size() - 1; i >= 0 && steps <= WaitSearch.STEPS_MAX; i--) {
            WaitingRequest request = Objects.requireNonNull(locks.waitingAt(arrivals.get(i)));
            DeadlockSearch search = new DeadlockSearch(locks, request, WaitingRequest.NOT_ARRIVED, steps + 1);
            List<Locks.Wait> cycle = search.search();
            if (!cycle.isEmpty()) {
                return cycle;
            }
            steps = search.steps;
        }
        return List.of();
    }

    /** How many edges were looked at. */
    int steps() {
        return steps;
    }

    List<Locks.Wait> search() {
        todo.add(new Node(asked, null, null, locks.cutsDeadlocksIn(asked.namespace())));
        while (last == null && !todo.isEmpty() && steps <= WaitSearch.STEPS_MAX) {
            look(todo.remove());
        }
        List<Locks.Wait> cycle = new ArrayList<>();
        for (Node node = last; node != null && node.edge != null; node = node.from) {
            cycle.add(node.edge);
        }
        Collections.reverse(cycle);
        return cycle;
    }

    private void look(Node node) {
        WaitingRequest request = node.request;
        for (Target target : request.targets()) {
            // Who waits for a pool of one that he has a claim on himself is a cycle of one.
            locks.waitedFor(request.namespace(), target, (id, owner) -> {
                boolean isOwn = owner.equals(request.owner()) && !target.isClaim();
                if (!isOwn && (node.isCut ? seenCut : seen).add(owner)) {
                    found(node, target, id, owner);
                }
                return last == null && ++steps <= WaitSearch.STEPS_MAX;
            });
            if (last != null) {
                return;
            }
        }
    }

    private void found(Node node, Target target, LeaseId id, Owner owner) {
        boolean closes = owner.equals(asked.owner());
        WaitingRequest next = closes ? asked : locks.waitingOf(owner);
        if (next != null && next.arrival() <= latest) {
            Lease held = Objects.requireNonNull(locks.lease(id));
            Locks.Wait edge = new Locks.Wait(node.request, target, held);
            Node to = new Node(next, node, edge, node.isCut || locks.cutsDeadlocksIn(next.namespace()));
            if (!closes) {
                todo.add(to);
            } else if (node.isCut) {
                last = to;
            }
        }
    }
}
