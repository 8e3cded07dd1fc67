package io.whatnot.core.testing;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Blocker;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Scope;
import io.whatnot.core.model.Target;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;

/**
 * What is in the way of a request of the reference model, and in what order it is told: target by target, first what is
 * held, from the root down, then the line; of a line the requests at and above the target from the root down, then those
 * below it by arrival.
 */
final class Obstacles {
    private final ReferenceLocks locks;
    private final ReferenceRequest asked;
    private final int max;
    private final List<Blocker> found = new ArrayList<>();

    Obstacles(ReferenceLocks locks, ReferenceRequest asked, int max) {
        this.locks = locks;
        this.asked = asked;
        this.max = max;
    }

    /** A target of something in the way, and when that came. */
    private record Spot<C extends WaitGraph.Claim>(C claim, Target target, LeaseId lease, int arrival) {
        static final Comparator<Spot<?>> BY_STRENGTH = Comparator.comparing(
                        (Spot<?> spot) -> spot.target.scope() == Scope.PREFIX ? 0 : 1)
                .thenComparing(spot -> spot.target.mode());
        static final Comparator<Spot<?>> FROM_THE_ROOT =
                Comparator.comparing((Spot<?> spot) -> spot.target.path()).thenComparing(BY_STRENGTH);
        static final Comparator<Spot<?>> HELD = FROM_THE_ROOT.thenComparing(Spot::lease);
        static final Comparator<Spot<?>> IN_LINE = FROM_THE_ROOT.thenComparing(Spot::arrival);
        static final Comparator<Spot<?>> IN_LINE_BELOW =
                Comparator.comparing((Spot<?> spot) -> spot.target.mode()).thenComparing(Spot::arrival);
    }

    /** How many pairs there are of a target of this and a target of an earlier request in its way, whoever's that is. */
    long countWaitingBefore() {
        long count = 0;
        for (Target target : asked.targets()) {
            count += earlier(target).size();
        }
        return count;
    }

    /** The first of what a request waits for. */
    List<Blocker> all(WaitGraph graph, ReferencePools pools) {
        AbsolutePath pool = asked.targets().get(0).pool();
        if (pool != null) {
            return ofPool(pools, pool);
        }
        held();
        List<WaitGraph.Claim> line = graph.lineOf(asked);
        for (Target target : asked.targets()) {
            List<Spot<ReferenceRequest>> spots = earlier(target).stream()
                    .filter(spot -> line.stream().anyMatch(inLine -> inLine == spot.claim))
                    .toList();
            spots.stream()
                    .filter(spot -> target.path().startsWith(spot.target.path()))
                    .sorted(Spot.IN_LINE)
                    .forEach(spot -> add(locks.blocker(spot.claim, first(spot.claim, target))));
            spots.stream()
                    .filter(spot -> !target.path().startsWith(spot.target.path()))
                    .sorted(Spot.IN_LINE_BELOW)
                    .forEach(spot -> add(locks.blocker(spot.claim, first(spot.claim, target))));
        }
        return List.copyOf(found);
    }

    /** Whose claims have the slots, if they are not free; then who is before it in line. */
    private List<Blocker> ofPool(ReferencePools pools, AbsolutePath pool) {
        long slots = asked.targets().get(0).slots();
        if (pools.used(asked.namespace(), pool) + slots > pools.size(asked.namespace(), pool)) {
            claimsOf(pools, pool);
        }
        for (ReferenceRequest request : pools.queue(asked.namespace(), pool)) {
            if (request.equals(asked)) {
                break;
            }
            add(locks.blocker(request, request.targets().get(0)));
        }
        return List.copyOf(found);
    }

    private void claimsOf(ReferencePools pools, AbsolutePath pool) {
        pools.claims(asked.namespace(), pool)
                .forEach(claim -> add(locks.blocker(claim, claim.targets().get(0))));
    }

    /** The first of what is held in a request's way, and of the claims on some pools. */
    List<Blocker> heldAndClaimed(ReferencePools pools, List<AbsolutePath> paths) {
        held();
        paths.forEach(pool -> claimsOf(pools, pool));
        return List.copyOf(found);
    }

    /** The first of what others hold in a request's way. */
    List<Blocker> held() {
        for (Target target : asked.targets()) {
            spots(locks.leases, target, ReferenceLease::id).stream()
                    .filter(spot -> !spot.claim.owner().equals(asked.owner()))
                    .sorted(Spot.HELD)
                    .forEach(spot -> add(locks.blocker(spot.claim, first(spot.claim, target))));
        }
        return List.copyOf(found);
    }

    private void add(Blocker blocker) {
        boolean isKnown = found.stream()
                .anyMatch(other -> other.id().equals(blocker.id()) && other.waiting() == blocker.waiting());
        if (!isKnown && found.size() < max) {
            found.add(blocker);
        }
    }

    private List<Spot<ReferenceRequest>> earlier(Target target) {
        int place = locks.waiting.indexOf(asked);
        List<ReferenceRequest> before = place < 0 ? locks.waiting : locks.waiting.subList(0, place);
        return spots(before, target, ReferenceRequest::id);
    }

    private <C extends WaitGraph.Claim> List<Spot<C>> spots(List<C> claims, Target with, Function<C, LeaseId> id) {
        List<Spot<C>> spots = new ArrayList<>();
        for (int i = 0; i < claims.size(); i++) {
            C claim = claims.get(i);
            if (claim.namespace().equals(asked.namespace())) {
                for (Target target : claim.targets()) {
                    if (target.conflictsWith(with)) {
                        spots.add(new Spot<>(claim, target, id.apply(claim), i));
                    }
                }
            }
        }
        return spots;
    }

    /** The first target of a claim that is in the way of another. */
    static Target first(WaitGraph.Claim claim, Target with) {
        return claim.targets().stream().filter(with::conflictsWith).findFirst().orElseThrow();
    }
}
