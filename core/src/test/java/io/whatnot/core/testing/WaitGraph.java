package io.whatnot.core.testing;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Target;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

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

    /** How many slots the pool at a path has. */
    public interface PoolSizes {
        /** Of that pool; 0 if it is not known. */
        long size(String namespace, AbsolutePath pool);
    }

    private final List<Claim> held;
    private final PoolSizes pools;
    private final List<Claim> waiting;
    private final Map<Object, Integer> numbers = new HashMap<>();
    /** By the number of its owner, each request that waits. */
    private final Map<Integer, Integer> requests = new HashMap<>();
    /** Of each request that waits: the numbers of the owners that it waits for. */
    private final List<BitSet> waitsFor = new ArrayList<>();
    /** Of each request that waits: its line. */
    private final List<List<Claim>> lines = new ArrayList<>();

    /** The graph of what is held, and what waits in the order of arrival. An owner waits with one request at most. */
    public WaitGraph(List<? extends Claim> held, List<? extends Claim> waiting) {
        this(held, waiting, (namespace, pool) -> 0);
    }

    /** The same where some claim slots of pools. */
    public WaitGraph(List<? extends Claim> held, List<? extends Claim> waiting, PoolSizes pools) {
        this.pools = pools;
        this.held = List.copyOf(held);
        this.waiting = List.copyOf(waiting);
        for (Claim request : waiting) {
            requests.put(number(request.owner()), waitsFor.size());
            waitsFor.add(ownersOf(holdersInTheWay(request)));
        }
        for (Claim request : waiting) {
            List<Claim> line = line(request, this.waiting.subList(0, lines.size()));
            waitsFor.get(lines.size()).or(ownersOf(line));
            lines.add(line);
        }
    }

    private int number(Object owner) {
        return numbers.computeIfAbsent(owner, unknown -> numbers.size());
    }

    private BitSet ownersOf(List<Claim> claims) {
        BitSet owners = new BitSet();
        claims.forEach(claim -> owners.set(number(claim.owner())));
        return owners;
    }

    /** What is held that must end before a request is granted; of claims on larger pools than one that is not known. */
    public List<Claim> holdersInTheWay(Claim asked) {
        if (isOfSlots(asked)) {
            return claimsOnPoolOfOne(asked).stream()
                    .filter(claim -> !claim.owner().equals(asked.owner()))
                    .toList();
        }
        return held.stream().filter(lease -> conflict(lease, asked)).toList();
    }

    private static boolean isOfSlots(Claim claim) {
        return claim.targets().get(0).isClaim();
    }

    private static boolean areOfOnePool(Claim a, Claim b) {
        AbsolutePath pool = a.targets().get(0).pool();
        return pool != null
                && b.targets().get(0).isServedBy(pool)
                && a.namespace().equals(b.namespace());
    }

    private long size(Claim asked) {
        AbsolutePath pool = asked.targets().get(0).pool();
        return pool == null ? 0 : pools.size(asked.namespace(), pool);
    }

    private List<Claim> claimsOnPoolOfOne(Claim asked) {
        return size(asked) != 1
                ? List.of()
                : held.stream().filter(claim -> areOfOnePool(claim, asked)).toList();
    }

    /** The earlier requests that a request has to wait for: one that waits, or a new one. */
    public List<Claim> lineOf(Claim asked) {
        int at = waiting.indexOf(asked);
        return at < 0 ? line(asked, waiting) : lines.get(at);
    }

    /** Whether a request can't be granted now: one that waits, or a new one. */
    public boolean mustWait(Claim asked) {
        if (isOfSlots(asked)) {
            int at = waiting.indexOf(asked);
            long used = held.stream()
                    .filter(claim -> areOfOnePool(claim, asked))
                    .mapToLong(claim -> claim.targets().get(0).slots())
                    .sum();
            return used + asked.targets().get(0).slots() > size(asked)
                    || waiting.subList(0, at < 0 ? waiting.size() : at).stream()
                            .anyMatch(earlier -> areOfOnePool(earlier, asked));
        }
        return !holdersInTheWay(asked).isEmpty() || !lineOf(asked).isEmpty();
    }

    /** The first that waits and can be granted now, or null. */
    public @Nullable Claim firstToGrant() {
        for (int i = 0; i < lines.size(); i++) {
            if (isOfSlots(waiting.get(i))
                    ? !mustWait(waiting.get(i))
                    : waitsFor.get(i).isEmpty()) {
                return waiting.get(i);
            }
        }
        return null;
    }

    private List<Claim> line(Claim asked, List<Claim> earlier) {
        List<Claim> line = new ArrayList<>();
        for (int i = 0; i < earlier.size(); i++) {
            if (conflict(earlier.get(i), asked) && !waitsFor(i, asked.owner())) {
                line.add(earlier.get(i));
            }
        }
        return line;
    }

    /** Whether a new request, if it waited, would wait for what others hold who wait for what its own owner holds. */
    public boolean wouldDeadlock(Claim asked) {
        List<Object> reached = new ArrayList<>();
        Deque<Claim> todo = new ArrayDeque<>(List.of(asked));
        while (!todo.isEmpty()) {
            Claim request = todo.remove();
            for (Claim holder : isOfSlots(request) ? claimsOnPoolOfOne(request) : holdersInTheWay(request)) {
                if (holder.owner().equals(asked.owner())) {
                    return true;
                }
                if (!reached.contains(holder.owner())) {
                    reached.add(holder.owner());
                    waiting.stream()
                            .filter(other -> other.owner().equals(holder.owner()))
                            .forEach(todo::add);
                }
            }
        }
        return false;
    }

    /**
     * The same of a deadlock that one of those in it, the new request too, has in a namespace that is told. Goes through all
     * ways there are without coming to anybody twice.
     */
    public boolean wouldDeadlock(Claim asked, Predicate<String> isCutIn) {
        return isInDeadlock(asked, asked, isCutIn.test(asked.namespace()), isCutIn, new ArrayList<>());
    }

    private boolean isInDeadlock(
            Claim asked, Claim request, boolean isCut, Predicate<String> isCutIn, List<Object> reached) {
        for (Claim holder : isOfSlots(request) ? claimsOnPoolOfOne(request) : holdersInTheWay(request)) {
            Object owner = holder.owner();
            if (owner.equals(asked.owner())) {
                if (isCut) {
                    return true;
                }
            } else if (!reached.contains(owner)) {
                reached.add(owner);
                for (Claim next : waiting) {
                    boolean isNextCut = isCut || isCutIn.test(next.namespace());
                    if (next.owner().equals(owner) && isInDeadlock(asked, next, isNextCut, isCutIn, reached)) {
                        return true;
                    }
                }
                reached.remove(owner);
            }
        }
        return false;
    }

    /** Whether a waiting request waits, directly or through others, for an owner. */
    public boolean waitsFor(Claim request, Object owner) {
        return waitsFor(waiting.indexOf(request), owner);
    }

    private boolean waitsFor(int request, Object owner) {
        int goal = number(owner);
        BitSet seen = new BitSet();
        Deque<Integer> todo = new ArrayDeque<>(List.of(request));
        while (!todo.isEmpty()) {
            int one = todo.remove();
            if (waitsFor.get(one).get(goal)) {
                return true;
            }
            seen.set(one);
            waitsFor.get(one).stream()
                    .mapToObj(requests::get)
                    .filter(next -> next != null && !seen.get(next) && !todo.contains(next))
                    .forEach(todo::add);
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
