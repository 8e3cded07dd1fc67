package io.whatnot.core.testing;

import io.whatnot.core.model.Target;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * Who waits for whom, by the letter of the specification: a request is granted when no held lock of another owner
 * conflicts with any of its targets, and no earlier waiting request of another owner does, unless that one waits,
 * directly or through others, for the asking owner.
 *
 * <p>A waiting request waits for the owners of the held locks in its way, and for its line: the earlier requests in its
 * way but those that wait for its own owner. The lines are settled one after the other, by arrival, each by the held
 * locks and the lines settled before.
 */
public final class WaitGraph {
    /** Something that is held, waited for, or asked for. */
    public interface Claim {
        /** Whose it is; owners are compared by equals. */
        Object owner();

        /** Where. */
        String namespace();

        /** What. */
        List<Target> targets();
    }

    private final List<? extends Claim> held;
    private final List<? extends Claim> waiting;
    private final IdentityHashMap<Claim, List<Claim>> holders = new IdentityHashMap<>();
    private final IdentityHashMap<Claim, List<Claim>> lines = new IdentityHashMap<>();

    /** The graph of what is held, and what waits in the order of arrival. An owner waits with one request at most. */
    public WaitGraph(List<? extends Claim> held, List<? extends Claim> waiting) {
        this.held = List.copyOf(held);
        this.waiting = List.copyOf(waiting);
        this.waiting.forEach(request -> holders.put(request, holdersInTheWay(request)));
        for (int i = 0; i < this.waiting.size(); i++) {
            Claim request = this.waiting.get(i);
            lines.put(request, line(request, this.waiting.subList(0, i)));
        }
    }

    /** What is held that keeps a request from being granted. */
    public List<Claim> holdersInTheWay(Claim asked) {
        List<Claim> found = new ArrayList<>();
        for (Claim lease : held) {
            if (conflict(lease, asked)) {
                found.add(lease);
            }
        }
        return found;
    }

    /** The earlier requests that a request has to wait for: one that waits, or a new one. */
    public List<Claim> lineOf(Claim asked) {
        List<Claim> settled = lines.get(asked);
        return settled != null ? settled : line(asked, waiting);
    }

    /** Whether a request can't be granted now: one that waits, or a new one. */
    public boolean mustWait(Claim asked) {
        return !holdersInTheWay(asked).isEmpty() || !lineOf(asked).isEmpty();
    }

    private List<Claim> line(Claim asked, List<? extends Claim> earlier) {
        List<Claim> line = new ArrayList<>();
        for (Claim request : earlier) {
            if (conflict(request, asked) && !waitsFor(request, asked.owner())) {
                line.add(request);
            }
        }
        return line;
    }

    /** Whether a waiting request waits, directly or through others, for an owner. */
    public boolean waitsFor(Claim request, Object goal) {
        Set<Claim> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Claim> todo = new ArrayDeque<>(List.of(request));
        while (!todo.isEmpty()) {
            Claim one = todo.remove();
            if (!seen.add(one)) {
                continue;
            }
            List<Claim> next = new ArrayList<>(holders.getOrDefault(one, List.of()));
            next.addAll(lines.getOrDefault(one, List.of()));
            for (Claim waitedFor : next) {
                if (waitedFor.owner().equals(goal)) {
                    return true;
                }
                waiting.stream()
                        .filter(other -> other.owner().equals(waitedFor.owner()))
                        .forEach(todo::add);
            }
        }
        return false;
    }

    /** Whether two owners can't have both. */
    public static boolean conflict(Claim a, Claim b) {
        if (!a.namespace().equals(b.namespace()) || a.owner().equals(b.owner())) {
            return false;
        }
        for (Target target : a.targets()) {
            for (Target other : b.targets()) {
                if (target.conflictsWith(other)) {
                    return true;
                }
            }
        }
        return false;
    }
}
