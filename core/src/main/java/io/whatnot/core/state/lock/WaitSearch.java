package io.whatnot.core.state.lock;

import io.whatnot.core.model.Target;
import io.whatnot.core.state.lock.LockNode.Place;
import io.whatnot.core.state.map.OrderedMap;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds out which earlier requests wait, directly or through others, for the owner of a request.
 *
 * <p>There are two kinds of edge, from a waiting request: to the owners of held locks in its way, and to earlier
 * requests in its way, its line. Of claims only those have edges that wait for a pool of one, to those who hold it: whoever
 * is ahead of them waits for the same. A line edge holds unless the earlier request waits for the later one's owner by the
 * held edges and the line edges of requests before the later one: so they are settled one after the other, by arrival.
 *
 * <p>What is found out stays known as long as the search is about the same request: however many are in its way, each is
 * looked at once. What held edges alone show is looked for first, for it is cheap, and nearly always all there is.
 *
 * <p>Everything here is iterative, for how deep a stack may grow is not the same on all nodes; and it has a bound, for no
 * command may keep all nodes busy for long. A search looks at {@link #STEPS_MAX} edges at most; then it gives up and says
 * no, which makes the asking owner wait in line: fair, though it may be behind somebody who waits for it.
 */
final class WaitSearch {
    /** The most edges that a search looks at. */
    static final int STEPS_MAX = 200_000;

    private final Locks locks;
    private final Owner goal;
    private final long before;
    private final Map<Long, Node> nodes = new TreeMap<>();
    /** By owner, those that wait for something it holds. */
    private final Map<Owner, List<Node>> waitingForHeld = new TreeMap<>();
    /** Those whose line is found but not settled. */
    private final List<Node> unsettled = new ArrayList<>();
    /** Those that wait for the goal, as far as is known. */
    private final Set<Long> waiters = new TreeSet<>();

    private int steps;

    /** A search for those that wait for a request's owner, by held edges and the line edges of what arrived before it. */
    WaitSearch(Locks locks, WaitingRequest request) {
        this.locks = locks;
        this.goal = request.owner();
        this.before = request.arrival();
    }

    private static final class Node {
        final WaitingRequest request;
        final TreeSet<Owner> heldBy = new TreeSet<>();
        final TreeSet<Long> line = new TreeSet<>();
        /** Those in whose settled line this is. */
        final List<Node> behind = new ArrayList<>();

        boolean isExplored;

        Node(WaitingRequest request) {
            this.request = request;
        }

        long arrival() {
            return request.arrival();
        }
    }

    /** Whether a request that waits does so for the goal. */
    boolean waits(WaitingRequest request) {
        Node from = node(request);
        if (waitsByWhatIsHeld(from)) {
            waiters.add(from.arrival());
            return true;
        }
        explore(from);
        if (!waitingForHeld.containsKey(goal) && !isFound(locks.waitingOf(goal))) {
            return false;
        }
        settle();
        return steps <= STEPS_MAX && waiters.contains(from.arrival());
    }

    private boolean isFound(@Nullable WaitingRequest request) {
        return request != null && nodes.containsKey(request.arrival());
    }

    private Node node(WaitingRequest request) {
        Node known = nodes.get(request.arrival());
        if (known != null) {
            return known;
        }
        Node node = new Node(request);
        nodes.put(request.arrival(), node);
        for (Target target : request.targets()) {
            locks.waitedFor(request.namespace(), target, (id, owner) -> {
                if (!owner.equals(request.owner()) && node.heldBy.add(owner)) {
                    waitingForHeld
                            .computeIfAbsent(owner, unknown -> new ArrayList<>())
                            .add(node);
                }
                return ++steps <= STEPS_MAX;
            });
        }
        return node;
    }

    private boolean waitsByWhatIsHeld(Node from) {
        Set<Long> seen = new TreeSet<>();
        Deque<Node> todo = new ArrayDeque<>();
        todo.add(from);
        while (!todo.isEmpty() && steps <= STEPS_MAX) {
            Node node = todo.remove();
            if (node.heldBy.contains(goal) || waiters.contains(node.arrival())) {
                return true;
            }
            for (Owner owner : node.heldBy) {
                steps++;
                WaitingRequest next = locks.waitingOf(owner);
                if (next != null && seen.add(next.arrival())) {
                    todo.add(node(next));
                }
            }
        }
        return false;
    }

    /** Finds everything that can be reached if all line edges held. */
    private void explore(Node from) {
        Deque<Node> todo = new ArrayDeque<>();
        todo.add(from);
        while (!todo.isEmpty() && steps <= STEPS_MAX) {
            Node node = todo.remove();
            if (node.isExplored) {
                continue;
            }
            node.isExplored = true;
            unsettled.add(node);
            for (Owner owner : node.heldBy) {
                WaitingRequest next = locks.waitingOf(owner);
                if (next != null) {
                    todo.add(node(next));
                }
            }
            if (node.arrival() < before) {
                findLine(node);
                for (long earlier : node.line) {
                    WaitingRequest next = locks.waitingAt(earlier);
                    if (next != null) {
                        todo.add(node(next));
                    }
                }
            }
        }
    }

    /** Notes the line edges of a node, as if they all held. */
    private void findLine(Node node) {
        WaitingRequest request = node.request;
        Conflicts.LineVisitor visitor = new Conflicts.LineVisitor() {
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
                if (earlier != null && !earlier.owner().equals(request.owner())) {
                    node.line.add(arrival);
                }
                return true;
            }
        };
        for (Target target : request.locks()) {
            Conflicts.lines(locks.tree(request.namespace()), target, visitor);
        }
    }

    /** Drops the line edges that don't hold, by arrival, and then notes who waits for the goal. */
    private void settle() {
        unsettled.sort(Comparator.comparing(Node::arrival));
        for (Node node : unsettled) {
            Owner owner = node.request.owner();
            if (!node.line.isEmpty() && waitingForHeld.containsKey(owner)) {
                node.line.removeAll(waitersFor(owner, node.arrival()));
            }
            for (long earlier : node.line) {
                node(earlier).behind.add(node);
            }
        }
        Deque<Node> todo = new ArrayDeque<>();
        unsettled.stream().filter(this::waitsDirectly).forEach(todo::add);
        unsettled.clear();
        while (!todo.isEmpty() && steps <= STEPS_MAX) {
            Node node = todo.remove();
            if (waiters.add(node.arrival())) {
                todo.addAll(waitingForHeld.getOrDefault(node.request.owner(), List.of()));
                todo.addAll(node.behind);
                steps += todo.size();
            }
        }
    }

    /** Whether a settled node waits for the goal, or for one that is known to wait for it. */
    private boolean waitsDirectly(Node node) {
        if (node.heldBy.contains(goal)) {
            return true;
        }
        for (Owner owner : node.heldBy) {
            steps++;
            WaitingRequest next = locks.waitingOf(owner);
            if (next != null && waiters.contains(next.arrival())) {
                return true;
            }
        }
        for (long earlier : node.line) {
            steps++;
            if (waiters.contains(earlier) || node(earlier).request.owner().equals(goal)) {
                return true;
            }
        }
        return false;
    }

    /** Those that wait for an owner by held edges and the settled line edges of what arrived before. */
    private Set<Long> waitersFor(Owner owner, long arrivedBefore) {
        Set<Long> found = new TreeSet<>();
        Deque<Node> todo = new ArrayDeque<>(waitingForHeld.getOrDefault(owner, List.of()));
        while (!todo.isEmpty() && steps <= STEPS_MAX) {
            Node node = todo.remove();
            steps++;
            if (found.add(node.arrival())) {
                todo.addAll(waitingForHeld.getOrDefault(node.request.owner(), List.of()));
                for (Node behind : node.behind) {
                    if (behind.arrival() < arrivedBefore) {
                        todo.add(behind);
                    }
                }
            }
        }
        return found;
    }

    private Node node(long arrival) {
        Node node = nodes.get(arrival);
        if (node == null) {
            throw new IllegalStateException("request " + arrival + " was not looked at");
        }
        return node;
    }
}
