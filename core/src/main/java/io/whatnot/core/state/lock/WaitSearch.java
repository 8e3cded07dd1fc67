package io.whatnot.core.state.lock;

import io.whatnot.core.model.Target;
import io.whatnot.core.state.lock.LockNode.Place;
import io.whatnot.core.state.map.OrderedMap;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds out whether a request waits, directly or through others, for an owner.
 *
 * <p>There are two kinds of edge, from a waiting request: to the owners of held locks in its way, and to earlier
 * requests in its way, its line. A line edge holds unless the earlier request waits for the later one's owner by the
 * held edges and the line edges of requests before the later one: so they are settled one after the other, by arrival.
 *
 * <p>Everything here is iterative, for how deep a stack may grow is not the same on all nodes; and it has a bound, for no
 * command may keep all nodes busy for long. All the searches about one request together look at {@link #STEPS_MAX} edges
 * at most; then they give up and say no, which makes the asking owner wait in line: fair, though it may be behind
 * somebody who waits for it.
 */
final class WaitSearch {
    /** The most edges that a search looks at. */
    static final int STEPS_MAX = 200_000;

    private final Locks locks;
    private int steps;

    WaitSearch(Locks locks) {
        this.locks = locks;
    }

    private static final class Node {
        final WaitingRequest request;
        final TreeSet<Owner> heldBy = new TreeSet<>();
        final TreeSet<Long> line = new TreeSet<>();

        Node(WaitingRequest request) {
            this.request = request;
        }
    }

    /** Whether {@code from} waits for {@code goal}, by held edges and the line edges of what arrived before. */
    boolean waitsFor(WaitingRequest from, Owner goal, long before) {
        TreeMap<Long, Node> found = new TreeMap<>();
        if (!couldReach(from, goal, before, found)) {
            return false;
        }
        boolean certain = found.values().stream()
                .noneMatch(node -> !node.line.isEmpty() && locks.holdsSomething(node.request.owner()));
        if (certain) {
            return true;
        }
        for (Node node : found.values()) {
            if (node.request.arrival() < before) {
                settleLine(node, found);
            }
        }
        return steps <= STEPS_MAX && reaches(from.arrival(), goal, found, Long.MAX_VALUE);
    }

    /** Collects everything that can be reached if all line edges held, and tells whether the goal can. */
    private boolean couldReach(WaitingRequest from, Owner goal, long before, NavigableMap<Long, Node> found) {
        boolean reached = false;
        Deque<Node> todo = new ArrayDeque<>();
        add(from, found, todo);
        while (!todo.isEmpty() && steps <= STEPS_MAX) {
            Node node = todo.remove();
            WaitingRequest request = node.request;
            for (Target target : request.targets()) {
                Conflicts.held(locks.tree(request.namespace()), target, (id, owner) -> {
                    if (!owner.equals(request.owner()) && node.heldBy.add(owner)) {
                        add(locks.waitingOf(owner), found, todo);
                    }
                    return ++steps <= STEPS_MAX;
                });
                if (request.arrival() < before) {
                    lookAtLines(node, target, found, todo);
                }
            }
            reached |= node.heldBy.contains(goal);
        }
        reached |= found.values().stream()
                .anyMatch(node -> node.request.owner().equals(goal) && node.request.arrival() != from.arrival());
        return reached && steps <= STEPS_MAX;
    }

    /** Notes the line edges of a node, as if they all held. */
    private void lookAtLines(Node node, Target target, NavigableMap<Long, Node> found, Deque<Node> todo) {
        WaitingRequest request = node.request;
        Conflicts.lines(locks.tree(request.namespace()), target, new Conflicts.LineVisitor() {
            @Override
            public boolean visit(OrderedMap<Long, Target> line) {
                Iterator<OrderedMap.Entry<Long, Target>> requests = line.iterator();
                while (requests.hasNext() && ++steps <= STEPS_MAX) {
                    if (!note(requests.next().key())) {
                        break;
                    }
                }
                return steps <= STEPS_MAX;
            }

            @Override
            public boolean visitBelow(OrderedMap<Place, Target> line) {
                Iterator<OrderedMap.Entry<Place, Target>> requests = line.iterator();
                while (requests.hasNext() && ++steps <= STEPS_MAX) {
                    if (!note(requests.next().key().arrival())) {
                        break;
                    }
                }
                return steps <= STEPS_MAX;
            }

            private boolean note(long arrival) {
                if (arrival >= request.arrival()) {
                    return false;
                }
                WaitingRequest earlier = locks.waitingAt(arrival);
                if (earlier != null && !earlier.owner().equals(request.owner()) && node.line.add(arrival)) {
                    add(earlier, found, todo);
                }
                return true;
            }
        });
    }

    private static void add(@Nullable WaitingRequest request, NavigableMap<Long, Node> found, Deque<Node> todo) {
        if (request != null && !found.containsKey(request.arrival())) {
            Node node = new Node(request);
            found.put(request.arrival(), node);
            todo.add(node);
        }
    }

    /** Drops the line edges that don't hold; those of earlier nodes are settled. */
    private void settleLine(Node node, NavigableMap<Long, Node> found) {
        Owner owner = node.request.owner();
        if (!node.line.isEmpty() && locks.holdsSomething(owner)) {
            List<Long> line = new ArrayList<>(node.line);
            for (long earlier : line) {
                if (steps > STEPS_MAX) {
                    return;
                }
                if (reaches(earlier, owner, found, node.request.arrival())) {
                    node.line.remove(earlier);
                }
            }
        }
    }

    /** Whether the goal is reached by held edges and the line edges of what arrived before. */
    private boolean reaches(long from, Owner goal, NavigableMap<Long, Node> found, long before) {
        TreeSet<Long> seen = new TreeSet<>();
        Deque<Long> todo = new ArrayDeque<>();
        seen.add(from);
        todo.add(from);
        while (!todo.isEmpty() && steps <= STEPS_MAX) {
            Node node = found.get(todo.remove());
            if (node == null) {
                continue;
            }
            if (node.heldBy.contains(goal)) {
                return true;
            }
            for (Owner owner : node.heldBy) {
                steps++;
                WaitingRequest next = locks.waitingOf(owner);
                if (next != null && seen.add(next.arrival())) {
                    todo.add(next.arrival());
                }
            }
            if (node.request.arrival() < before) {
                for (long next : node.line) {
                    steps++;
                    Node earlier = found.get(next);
                    if (earlier != null && earlier.request.owner().equals(goal)) {
                        return true;
                    }
                    if (seen.add(next)) {
                        todo.add(next);
                    }
                }
            }
        }
        return false;
    }
}
