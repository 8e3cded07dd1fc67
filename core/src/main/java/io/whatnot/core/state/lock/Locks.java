package io.whatnot.core.state.lock;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Mode;
import io.whatnot.core.model.Scope;
import io.whatnot.core.model.Target;
import io.whatnot.core.state.lock.LockNode.Place;
import io.whatnot.core.state.map.Edit;
import io.whatnot.core.state.map.OrderedMap;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All leases and waiting requests, and the rule by which one becomes the other.
 *
 * <p><b>The rule.</b> A request is granted when no held lock of another owner conflicts with any of its targets, and no
 * earlier waiting request of another owner does, unless that one waits, directly or through others, for the asking
 * owner. So fairness never makes an owner wait behind those who wait for it, and every cycle of waiting is one of held
 * locks.
 *
 * <p>What "waits for" means is settled in the order of arrival: a request waits for the owners of held locks in its way,
 * and for the earlier requests in its way but those that, by what is settled before it, wait for its own owner.
 *
 * <p>Testing a request costs O(depth); only an owner that holds something, or waits already, and meets waiting requests
 * pays for the search who waits for whom ({@link WaitSearch}).
 */
public final class Locks {
    /** What a lease or request takes, and each target of it, besides texts: about. */
    private static final long LEASE_BYTES = 500;

    private static final long TARGET_BYTES = 500;

    private final Edit edit;
    private final Pools pools;
    private OrderedMap<String, LockNode> trees;
    private OrderedMap<LeaseId, Lease> leases;
    private OrderedMap<Long, WaitingRequest> waiting;
    private OrderedMap<LeaseId, Long> arrivals;
    private OrderedMap<Owner, OwnerLocks> owners;
    private OrderedMap<Long, Boolean> holdAndWait;
    private OrderedMap<Long, Boolean> heldUpInLine;
    /** The namespaces in which deadlocks are not cut. */
    private OrderedMap<String, Boolean> deadlocksStay;

    private long lastArrival;
    private long bytes;

    /**
     * What an owner has.
     *
     * @param leases what it holds
     * @param arrival of the request it waits with; 0 for none
     */
    private record OwnerLocks(OrderedMap<LeaseId, Boolean> leases, long arrival) {
        static final OwnerLocks NONE = new OwnerLocks(OrderedMap.empty(), 0);
    }

    /**
     * That a request waits for what is held.
     *
     * @param request the request
     * @param target the target of it that can't be granted
     * @param held the lease in its way
     */
    public record Wait(WaitingRequest request, Target target, Lease held) {}

    /** Nothing held, nothing waited for. */
    public Locks(Edit edit) {
        this.edit = edit;
        this.pools = new Pools(edit);
        this.trees = OrderedMap.empty();
        this.leases = OrderedMap.empty();
        this.waiting = OrderedMap.empty();
        this.arrivals = OrderedMap.empty();
        this.owners = OrderedMap.empty();
        this.holdAndWait = OrderedMap.empty();
        this.heldUpInLine = OrderedMap.empty();
        this.deadlocksStay = OrderedMap.empty();
    }

    /** The same locks, to be changed under another edit. */
    public Locks(Locks from, Edit edit) {
        this.edit = edit;
        this.pools = new Pools(from.pools, edit);
        this.trees = from.trees;
        this.leases = from.leases;
        this.waiting = from.waiting;
        this.arrivals = from.arrivals;
        this.owners = from.owners;
        this.holdAndWait = from.holdAndWait;
        this.heldUpInLine = from.heldUpInLine;
        this.deadlocksStay = from.deadlocksStay;
        this.lastArrival = from.lastArrival;
        this.bytes = from.bytes;
    }

    // ---- what there is

    /** About how much memory all of it takes. */
    public long bytes() {
        return bytes + pools.bytes();
    }

    /** The pools whose slots some of the leases are claims of. */
    public Pools pools() {
        return pools;
    }

    /** What there is in some place, as it is now. */
    public LockTrace trace() {
        return new LockTrace(this);
    }

    /** About how much memory a lease, or a request for one, takes; the same on all nodes. */
    public static long bytes(List<Target> targets, Owner owner, String label) {
        long bytes = LEASE_BYTES + owner.label().length() + label.length();
        for (Target target : targets) {
            AbsolutePath pool = target.pool();
            bytes += TARGET_BYTES
                    + target.path().toString().length()
                    + (pool == null ? 0 : pool.toString().length());
        }
        return bytes;
    }

    /** The lease of that name, or null. */
    public @Nullable Lease lease(LeaseId id) {
        return leases.get(id);
    }

    /** The waiting request of that name, or null. */
    public @Nullable WaitingRequest waiting(LeaseId id) {
        Long arrival = arrivals.get(id);
        return arrival == null ? null : waiting.get(arrival);
    }

    /** All leases, by id. */
    public Iterable<OrderedMap.Entry<LeaseId, Lease>> leases() {
        return leases;
    }

    /** All waiting requests, in order of arrival. */
    public Iterable<OrderedMap.Entry<Long, WaitingRequest>> waiting() {
        return waiting;
    }

    /** How many leases are held. */
    public int leaseCount() {
        return leases.size();
    }

    /** How many requests wait. */
    public int waitingCount() {
        return waiting.size();
    }

    /** The number of the latest request that had to wait. */
    public long lastArrival() {
        return lastArrival;
    }

    /** The leases of a session, by sequence. */
    public List<Lease> leasesOf(long session) {
        List<Lease> found = new ArrayList<>();
        for (Iterator<OrderedMap.Entry<LeaseId, Lease>> it = leases.iterator(new LeaseId(session, 0), true);
                it.hasNext(); ) {
            Lease lease = it.next().value();
            if (lease.id().session() != session) {
                break;
            }
            found.add(lease);
        }
        return found;
    }

    /** The leases of an owner, by id. */
    public List<Lease> leasesOf(Owner owner) {
        List<Lease> found = new ArrayList<>();
        ownerLocks(owner).leases.forEach(held -> found.add(byId(held.key())));
        return found;
    }

    /** The leases of other owners that conflict with one of the targets, by id. */
    public List<Lease> heldAgainst(String namespace, List<Target> targets, Owner owner) {
        Map<LeaseId, Lease> found = new TreeMap<>();
        for (Target target : locksOf(targets)) {
            Conflicts.held(trees.get(namespace), target, (id, holder) -> {
                if (!holder.equals(owner)) {
                    found.putIfAbsent(id, byId(id));
                }
                return true;
            });
        }
        return List.copyOf(found.values());
    }

    /** The waiting requests of a session, by sequence. */
    public List<WaitingRequest> waitingOf(long session) {
        List<WaitingRequest> found = new ArrayList<>();
        for (Iterator<OrderedMap.Entry<LeaseId, Long>> it = arrivals.iterator(new LeaseId(session, 0), true);
                it.hasNext(); ) {
            OrderedMap.Entry<LeaseId, Long> entry = it.next();
            if (entry.key().session() != session) {
                break;
            }
            found.add(byArrival(entry.value()));
        }
        return found;
    }

    /** Whether the owner waits with a request already. */
    public boolean isWaiting(Owner owner) {
        return ownerLocks(owner).arrival != 0;
    }

    // ---- the rule

    /** Whether a lock that another owner holds conflicts with one of the targets. O(depth). */
    public boolean isHeldAgainst(String namespace, List<Target> targets, Owner owner) {
        LockNode root = trees.get(namespace);
        for (Target target : locksOf(targets)) {
            if (isHeldAgainst(root, namespace, target, owner)) {
                return true;
            }
        }
        return false;
    }

    /** Whether anything at or below a path, or a prefix that it is below, is locked, claimed or waited for. O(depth). */
    public boolean isInUse(String namespace, AbsolutePath path) {
        Target all = new Target(path, Scope.PREFIX, Mode.EXCLUSIVE);
        LockNode root = trees.get(namespace);
        return !Conflicts.held(root, all, (id, owner) -> false)
                || !Conflicts.waiting(root, all, WaitingRequest.NOT_ARRIVED, arrival -> false)
                || pools.isClaimed(namespace, path);
    }

    private boolean isHeldAgainst(@Nullable LockNode root, String namespace, Target target, Owner owner) {
        Target here = target.scope() == Scope.PREFIX ? new Target(target.path(), Scope.ELEMENT, target.mode()) : target;
        boolean atOrAbove = !Conflicts.held(root, here, (id, holder) -> holder.equals(owner));
        if (atOrAbove || target.scope() == Scope.ELEMENT) {
            return atOrAbove;
        }
        LockNode node = Conflicts.find(root, target.path());
        int below = node == null ? 0 : node.heldBelow(target.mode());
        return below > 0 && below > ownBelow(namespace, target, owner);
    }

    /** How many of the conflicting targets held below a prefix are the owner's own. */
    private int ownBelow(String namespace, Target prefix, Owner owner) {
        int own = 0;
        for (OrderedMap.Entry<LeaseId, Boolean> held : ownerLocks(owner).leases) {
            Lease lease = byId(held.key());
            if (lease.namespace().equals(namespace)) {
                for (Target target : locksOf(lease.targets())) {
                    if (target.mode().conflictsWith(prefix.mode())
                            && target.path().depth() > prefix.path().depth()
                            && target.path().startsWith(prefix.path())) {
                        own++;
                    }
                }
            }
        }
        return own;
    }

    private static List<Target> locksOf(List<Target> targets) {
        return targets.get(0).isClaim() ? List.of() : targets;
    }

    /** Whether the request can't be granted now. */
    public boolean mustWait(WaitingRequest request) {
        if (request.isClaim()) {
            return pools.mustWait(request.namespace(), request.targets().get(0), request.arrival());
        }
        if (isHeldAgainst(request.namespace(), request.targets(), request.owner())) {
            return true;
        }
        LockNode root = trees.get(request.namespace());
        WaitSearch search = new WaitSearch(this, request);
        for (Target target : request.targets()) {
            if (!Conflicts.waiting(root, target, request.arrival(), arrival -> !isBehind(request, arrival, search))) {
                return true;
            }
        }
        return false;
    }

    /**
     * The deadlock that a request closes that waits, or that would if it waited: each request with the lease in its way,
     * whose owner asks for the next, and the last one's for the first. Empty if there is none.
     */
    public List<Wait> deadlock(WaitingRequest request) {
        return DeadlockSearch.cycle(this, request);
    }

    /** The deadlock of the youngest request that is in one; it is the youngest of its cycle too. Empty if there is none. */
    public List<Wait> youngestDeadlock() {
        return DeadlockSearch.youngest(this);
    }

    /** Those deadlocks that are to be cut, one after the other; see {@link Deadlocks}. */
    public Deadlocks deadlocks() {
        return new Deadlocks(this);
    }

    /** Whether deadlocks in a namespace are cut; of those that go over several it takes one. */
    public boolean cutsDeadlocksIn(String namespace) {
        return !deadlocksStay.containsKey(namespace);
    }

    /** Has them cut from now on, or not. Those that stand are another's affair. */
    public void cutDeadlocksIn(String namespace, boolean on) {
        deadlocksStay = on ? deadlocksStay.remove(edit, namespace) : deadlocksStay.put(edit, namespace, true);
    }

    /** Whether an earlier request in a request's way makes it wait: not if it waits for the request's own owner. */
    boolean isBehind(WaitingRequest request, long arrival, WaitSearch search) {
        WaitingRequest earlier = byArrival(arrival);
        return !earlier.owner().equals(request.owner()) && !(isPerhapsWaitedFor(request) && search.waits(earlier));
    }

    /** Nobody waits for an owner that holds nothing, but perhaps in line behind another request that it waits with. */
    private boolean isPerhapsWaitedFor(WaitingRequest request) {
        OwnerLocks own = ownerLocks(request.owner());
        return !own.leases.isEmpty() || (own.arrival != 0 && own.arrival != request.arrival());
    }

    /**
     * The token of a lease of that owner that covers all targets, or 0. Of several the highest: a resource that has seen
     * it refuses the others.
     */
    public long coveringToken(String namespace, List<Target> targets, Owner owner) {
        long token = 0;
        for (OrderedMap.Entry<LeaseId, Boolean> held : ownerLocks(owner).leases) {
            Lease lease = byId(held.key());
            if (lease.token() > token && targets.stream().allMatch(target -> lease.covers(namespace, target))) {
                token = lease.token();
            }
        }
        return token;
    }

    /** Whether somebody but the given session holds or waits for anything in a namespace. */
    public Optional<Lease> leaseOfAnother(String namespace, long session) {
        for (OrderedMap.Entry<LeaseId, Lease> lease : leases) {
            if (lease.value().namespace().equals(namespace) && lease.key().session() != session) {
                return Optional.of(lease.value());
            }
        }
        return Optional.empty();
    }

    // ---- changes

    /** Adds a lease, or replaces what is known of it. */
    public void grant(Lease lease) {
        boolean isNew = leases.get(lease.id()) == null;
        leases = leases.put(edit, lease.id(), lease);
        if (isNew) {
            bytes += bytes(lease.targets(), lease.owner(), lease.label());
            hold(lease, false);
            OwnerLocks own = ownerLocks(lease.owner());
            setOwner(lease.owner(), new OwnerLocks(own.leases.put(edit, lease.id(), true), own.arrival));
        }
    }

    /** Takes a lease away. */
    public void end(Lease lease) {
        hold(lease, true);
        leases = leases.remove(edit, lease.id());
        bytes -= bytes(lease.targets(), lease.owner(), lease.label());
        OwnerLocks own = ownerLocks(lease.owner());
        setOwner(lease.owner(), new OwnerLocks(own.leases.remove(edit, lease.id()), own.arrival));
    }

    private void hold(Lease lease, boolean ends) {
        for (Target target : lease.targets()) {
            if (!target.isClaim()) {
                step(lease.namespace(), new LockNode.Step.Hold(target, lease.id(), lease.owner(), ends));
            } else if (ends) {
                pools.free(lease.namespace(), target, lease.id());
            } else {
                pools.hold(lease.namespace(), target, lease.id(), lease.owner());
            }
        }
    }

    /** Puts a request in line; it is told its arrival. */
    public WaitingRequest enqueue(WaitingRequest asked) {
        WaitingRequest request = asked.arrived(++lastArrival);
        enter(request);
        return request;
    }

    /** Puts a request in line at the place it had, in an image. */
    public void restore(WaitingRequest request) {
        enter(request);
    }

    /** Sets the number of the latest arrival, from an image. */
    public void restoreLastArrival(long arrival) {
        lastArrival = arrival;
    }

    private void enter(WaitingRequest request) {
        stepAll(request, false);
        bytes += bytes(request.targets(), request.owner(), request.label());
        waiting = waiting.put(edit, request.arrival(), request);
        arrivals = arrivals.put(edit, request.id(), request.arrival());
        OwnerLocks own = ownerLocks(request.owner());
        setOwner(request.owner(), new OwnerLocks(own.leases, request.arrival()));
    }

    /** Takes a request out of line. */
    public void withdraw(WaitingRequest request) {
        stepAll(request, true);
        bytes -= bytes(request.targets(), request.owner(), request.label());
        waiting = waiting.remove(edit, request.arrival());
        arrivals = arrivals.remove(edit, request.id());
        holdAndWait = holdAndWait.remove(edit, request.arrival());
        heldUpInLine = heldUpInLine.remove(edit, request.arrival());
        setOwner(request.owner(), new OwnerLocks(ownerLocks(request.owner()).leases, 0));
    }

    private void stepAll(WaitingRequest request, boolean ends) {
        if (request.isClaim()) {
            Target claim = request.targets().get(0);
            if (ends) {
                pools.leave(request.namespace(), claim, request.arrival());
            } else {
                pools.enter(request.namespace(), claim, request.arrival(), request.id());
            }
            return;
        }
        for (int i = 0; i < request.targets().size(); i++) {
            step(
                    request.namespace(),
                    new LockNode.Step.Wait(request.targets().get(i), new Place(request.arrival(), i), ends));
        }
    }

    private void step(String namespace, LockNode.Step step) {
        LockNode root = LockNode.apply(edit, trees.get(namespace), step);
        trees = root == null ? trees.remove(edit, namespace) : trees.put(edit, namespace, root);
    }

    private void setOwner(Owner owner, OwnerLocks locks) {
        owners = locks.leases.isEmpty() && locks.arrival == 0
                ? owners.remove(edit, owner)
                : owners.put(edit, owner, locks);
        if (locks.arrival != 0) {
            holdAndWait = locks.leases.isEmpty()
                    ? holdAndWait.remove(edit, locks.arrival)
                    : holdAndWait.put(edit, locks.arrival, true);
            noteWhatHoldsUp(byArrival(locks.arrival));
        }
    }

    /** Notes whether it is only the line that a waiting request of an owner that holds something waits for. */
    void noteWhatHoldsUp(WaitingRequest request) {
        boolean isInLineOnly = !request.isClaim()
                && holdsSomething(request.owner())
                && !isHeldAgainst(request.namespace(), request.targets(), request.owner());
        heldUpInLine = isInLineOnly
                ? heldUpInLine.put(edit, request.arrival(), true)
                : heldUpInLine.remove(edit, request.arrival());
    }

    /** Who is next, after these targets have become free or are waited for no more. */
    public Grants grantsAfter(List<Grants.Freed> freed) {
        return new Grants(this, freed);
    }

    /** Who is next, after a time in which nobody was granted anything. */
    public Grants grantsToAll() {
        return new Grants(this);
    }

    /**
     * Who is next, after a request has begun to wait. If its owner is waited for, requests that wait behind somebody who
     * waits for that owner may have become free to pass.
     */
    public Grants grantsAfter(WaitingRequest newcomer) {
        return new Grants(this, holdsSomething(newcomer.owner()) && isWaitedFor(newcomer.owner()));
    }

    /** Whether somebody waits for the owner of a waiting request: for what it holds, or in line behind the request. */
    public boolean isWaitedFor(WaitingRequest request) {
        return isWaitedFor(request.owner())
                || request.locks().stream()
                        .anyMatch(target ->
                                Conflicts.isAwaitedAfter(tree(request.namespace()), target, request.arrival()));
    }

    private boolean isWaitedFor(Owner owner) {
        for (OrderedMap.Entry<LeaseId, Boolean> held : ownerLocks(owner).leases) {
            Lease lease = byId(held.key());
            LockNode root = trees.get(lease.namespace());
            if (lease.isClaim()) {
                Pools.Pool pool = pools.of(lease.namespace(), lease.targets().get(0));
                if (pool.isOfOne() && !pool.queue().isEmpty()) {
                    return true;
                }
                continue;
            }
            for (Target target : lease.targets()) {
                if (!Conflicts.waiting(
                        root,
                        target,
                        WaitingRequest.NOT_ARRIVED,
                        arrival -> byArrival(arrival).owner().equals(owner))) {
                    return true;
                }
            }
        }
        return false;
    }

    // ---- for the searches of this package

    @Nullable
    LockNode tree(String namespace) {
        return trees.get(namespace);
    }

    /**
     * Shows whose ends a request for a target surely waits for: the leases that conflict with a lock, and those that have
     * the slots of a pool of one. Of a larger pool nobody knows which of the claims must end.
     */
    void waitedFor(String namespace, Target target, Conflicts.HeldVisitor visitor) {
        if (!target.isClaim()) {
            Conflicts.held(trees.get(namespace), target, visitor);
            return;
        }
        Pools.Pool pool = pools.of(namespace, target);
        if (!pool.isOfOne()) {
            return;
        }
        for (OrderedMap.Entry<LeaseId, Owner> claim : pool.claims()) {
            if (!visitor.visit(claim.key(), claim.value())) {
                return;
            }
        }
    }

    boolean holdsSomething(Owner owner) {
        return !ownerLocks(owner).leases.isEmpty();
    }

    /** The request the owner waits with, or null. */
    @Nullable
    WaitingRequest waitingOf(Owner owner) {
        long arrival = ownerLocks(owner).arrival;
        return arrival == 0 ? null : waiting.get(arrival);
    }

    /** The waiting requests whose owners hold something. */
    OrderedMap<Long, Boolean> holdAndWait() {
        return holdAndWait;
    }

    /** The waiting requests that only the line holds up though their owners hold something; perhaps some others of them. */
    OrderedMap<Long, Boolean> heldUpInLine() {
        return heldUpInLine;
    }

    @Nullable
    WaitingRequest waitingAt(long arrival) {
        return waiting.get(arrival);
    }

    WaitingRequest byArrival(long arrival) {
        WaitingRequest request = waiting.get(arrival);
        if (request == null) {
            throw new IllegalStateException("no request of arrival " + arrival + " waits");
        }
        return request;
    }

    Lease byId(LeaseId id) {
        Lease lease = leases.get(id);
        if (lease == null) {
            throw new IllegalStateException("no lease " + id + " is held");
        }
        return lease;
    }

    private OwnerLocks ownerLocks(Owner owner) {
        OwnerLocks locks = owners.get(owner);
        return locks == null ? OwnerLocks.NONE : locks;
    }
}
