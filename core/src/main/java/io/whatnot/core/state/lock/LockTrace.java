package io.whatnot.core.state.lock;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Mode;
import io.whatnot.core.model.Scope;
import io.whatnot.core.model.Target;
import io.whatnot.core.state.map.OrderedMap;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What there is of locks in some place: who holds something, who waits for it in which order, and what is in whose way. For
 * answers, and for commands that go by it: that bound a queue, or end all that is there. Costs what it tells, and the way there.
 */
public final class LockTrace {
    /**
     * What is in the way of a request: a lease, or an earlier request.
     *
     * @param lease the lease, or null
     * @param request the request, or null
     * @param target the target of it that is in the way
     */
    public record Obstacle(@Nullable Lease lease, @Nullable WaitingRequest request, Target target) {}

    private final Locks locks;

    LockTrace(Locks locks) {
        this.locks = locks;
    }

    /** How many requests wait for something at the path itself of a target, or for the pool that serves a claim. */
    public int queueLength(String namespace, Target target) {
        if (target.isClaim()) {
            return locks.pools().of(namespace, target).queue().size();
        }
        LockNode node = Conflicts.find(locks.tree(namespace), target.path());
        return node == null ? 0 : node.queue().size();
    }

    /**
     * Up to {@code max} leases that lock the path, or with PREFIX anything at or below it, from the root down; then claims of
     * the pools that have to do with that.
     */
    public List<Obstacle> heldIn(String namespace, AbsolutePath path, Scope scope, int max) {
        Target all = new Target(path, scope, Mode.EXCLUSIVE);
        Map<LeaseId, Obstacle> found = new LinkedHashMap<>();
        Conflicts.held(locks.tree(namespace), all, (id, owner) -> {
            Lease lease = locks.byId(id);
            found.putIfAbsent(id, new Obstacle(lease, null, conflicting(lease.targets(), all)));
            return found.size() < max;
        });
        for (Pools.Place place : locks.pools().about(namespace, path, scope == Scope.PREFIX)) {
            for (Obstacle claim : claimsOf(place, max - found.size())) {
                found.put(Objects.requireNonNull(claim.lease).id(), claim);
            }
        }
        return List.copyOf(found.values());
    }

    /** Up to {@code max} claims of a pool, by id. */
    public List<Obstacle> claimsOf(Pools.Place place, int max) {
        List<Obstacle> found = new ArrayList<>();
        Pools.Pool pool = locks.pools().at(place);
        Iterator<OrderedMap.Entry<LeaseId, Owner>> claims =
                pool == null ? Collections.emptyIterator() : pool.claims().iterator();
        while (claims.hasNext() && found.size() < max) {
            Lease claim = locks.byId(claims.next().key());
            found.add(new Obstacle(claim, null, claim.targets().get(0)));
        }
        return found;
    }

    /** Up to {@code max} of those who wait for a pool and arrived before, in line. */
    public List<Obstacle> claimantsOf(Pools.Place place, long before, int max) {
        List<Obstacle> found = new ArrayList<>();
        Pools.Pool pool = locks.pools().at(place);
        Iterator<OrderedMap.Entry<Long, LeaseId>> line =
                pool == null ? Collections.emptyIterator() : pool.queue().iterator();
        while (line.hasNext() && found.size() < max) {
            WaitingRequest request = locks.byArrival(line.next().key());
            if (request.arrival() >= before) {
                break;
            }
            found.add(new Obstacle(null, request, request.targets().get(0)));
        }
        return found;
    }

    /**
     * Up to {@code max} requests that wait to lock the path, or with PREFIX anything at or below it, or for the pools that
     * have to do with that; by arrival.
     */
    public List<Obstacle> waitingIn(String namespace, AbsolutePath path, Scope scope, int max) {
        Target all = new Target(path, scope, Mode.EXCLUSIVE);
        TreeMap<Long, Obstacle> found = new TreeMap<>();
        Conflicts.waiting(locks.tree(namespace), all, WaitingRequest.NOT_ARRIVED, arrival -> {
            WaitingRequest request = locks.byArrival(arrival);
            found.put(arrival, new Obstacle(null, request, conflicting(request.targets(), all)));
            if (found.size() > max) {
                found.pollLastEntry();
            }
            return true;
        });
        for (Pools.Place place : locks.pools().about(namespace, path, scope == Scope.PREFIX)) {
            for (Obstacle claimant : claimantsOf(place, WaitingRequest.NOT_ARRIVED, max)) {
                found.put(Objects.requireNonNull(claimant.request).arrival(), claimant);
            }
        }
        while (found.size() > max) {
            found.pollLastEntry();
        }
        return List.copyOf(found.values());
    }

    /** Up to {@code max} of the leases and earlier requests that a request waits for. */
    public List<Obstacle> obstacles(WaitingRequest request, int max) {
        if (request.isClaim()) {
            return obstaclesToClaim(request, max);
        }
        List<Obstacle> found = new ArrayList<>();
        LockNode root = locks.tree(request.namespace());
        for (Target target : request.targets()) {
            Conflicts.held(root, target, (id, owner) -> {
                if (found.size() < max
                        && !owner.equals(request.owner())
                        && found.stream().noneMatch(o -> isLease(o, id))) {
                    Lease lease = locks.byId(id);
                    found.add(new Obstacle(lease, null, conflicting(lease.targets(), target)));
                }
                return found.size() < max;
            });
        }
        WaitSearch search = new WaitSearch(locks, request);
        for (Target target : request.targets()) {
            Conflicts.waiting(root, target, request.arrival(), arrival -> {
                WaitingRequest earlier = locks.byArrival(arrival);
                if (found.size() < max
                        && found.stream().noneMatch(o -> earlier.equals(o.request))
                        && locks.isBehind(request, arrival, search)) {
                    found.add(new Obstacle(null, earlier, conflicting(earlier.targets(), target)));
                }
                return found.size() < max;
            });
        }
        return found;
    }

    /** What has the slots that a claim lacks, whoever's it is; then those before it in line. */
    private List<Obstacle> obstaclesToClaim(WaitingRequest request, int max) {
        Target claim = request.targets().get(0);
        Pools.Place place = Pools.placeOf(request.namespace(), claim);
        boolean hasRoom = locks.pools().of(request.namespace(), claim).hasRoomFor(claim.slots());
        List<Obstacle> found = hasRoom ? new ArrayList<>() : claimsOf(place, max);
        found.addAll(claimantsOf(place, request.arrival(), max - found.size()));
        return found;
    }

    private static boolean isLease(Obstacle obstacle, LeaseId id) {
        return obstacle.lease != null && obstacle.lease.id().equals(id);
    }

    private static Target conflicting(List<Target> targets, Target with) {
        return targets.stream().filter(with::conflictsWith).findFirst().orElseThrow();
    }

    /**
     * A request's place in line: one more than the earlier waiting targets in its way. So an earlier request that asks
     * for several targets in its way counts once for each.
     */
    public long position(WaitingRequest request) {
        LockNode root = locks.tree(request.namespace());
        long position = 1;
        if (request.isClaim()) {
            return position
                    + locks.pools()
                            .of(request.namespace(), request.targets().get(0))
                            .queue()
                            .rank(request.arrival());
        }
        for (Target target : request.targets()) {
            position += Conflicts.countWaiting(root, target, request.arrival());
        }
        return position;
    }
}
