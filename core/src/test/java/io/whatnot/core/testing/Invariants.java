package io.whatnot.core.testing;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Scope;
import io.whatnot.core.model.Target;
import io.whatnot.core.state.Setting;
import io.whatnot.core.state.State;
import io.whatnot.core.state.lock.Lease;
import io.whatnot.core.state.lock.LockTrees;
import io.whatnot.core.state.lock.Locks;
import io.whatnot.core.state.lock.Owner;
import io.whatnot.core.state.lock.Pools;
import io.whatnot.core.state.lock.WaitingRequest;
import io.whatnot.core.state.map.OrderedMap;
import io.whatnot.core.state.session.KeptBytes;
import io.whatnot.core.state.session.Session;
import io.whatnot.core.state.tree.Element;
import io.whatnot.core.state.tree.Elements;
import io.whatnot.core.state.tree.Policies;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/** What must hold of every published state. */
public final class Invariants {
    private final State state;
    private final List<Lease> leases = new ArrayList<>();
    private final List<WaitingRequest> waiting = new ArrayList<>();
    private final Map<Long, Integer> owned = new TreeMap<>();
    private final Map<Long, Set<Session.Ephemeral>> ephemerals = new TreeMap<>();
    private long bytes;
    private long firstDeadlineMillis = Long.MAX_VALUE;

    private final Predicate<Session> damaged;

    private Invariants(State state, Predicate<Session> damaged) {
        this.state = state;
        this.damaged = damaged;
    }

    /** Requires them of a state. */
    public static void check(State state) {
        checkBut(state, session -> false);
    }

    /** Requires them of a state, but not of sessions that a test has damaged. */
    public static void checkBut(State state, Predicate<Session> damaged) {
        new Invariants(state, damaged).check();
    }

    private void check() {
        for (OrderedMap.Entry<LeaseId, Lease> lease : state.locks().leases()) {
            leases.add(lease.value());
            checkLease(lease.key(), lease.value());
            bytes += Locks.bytes(
                    lease.value().targets(),
                    lease.value().owner(),
                    lease.value().label());
        }
        long arrival = 0;
        for (OrderedMap.Entry<Long, WaitingRequest> request : state.locks().waiting()) {
            waiting.add(request.value());
            Require.that(request.key() > arrival, "arrivals are not in order:", request);
            arrival = request.key();
            checkWaiting(request.value());
            bytes += Locks.bytes(
                    request.value().targets(),
                    request.value().owner(),
                    request.value().label());
        }
        Require.that(arrival <= state.locks().lastArrival(), arrival, "arrived after the last");
        checkLocks();
        state.elements().namespaces().forEach(this::checkElements);
        state.policies().namespaces().forEach(this::checkPolicies);
        int sessions = 0;
        for (OrderedMap.Entry<Long, Session> session : state.sessions().all()) {
            sessions++;
            checkSession(session.key(), session.value());
        }
        bytes += 100L * state.reclaimedCount();
        if (state.isRecovering()) {
            noteDeadline(state.recoveringUntilMillis(), "the recovery");
        } else {
            Require.that(state.reclaimedCount() == 0, state.reclaimedCount(), "reclaimed, but there is no recovery");
        }
        Require.that(state.bytes() == bytes, "the state takes", bytes, "bytes, but counts", state.bytes());
        Require.that(sessions == state.sessions().count(), sessions, "sessions, but counted otherwise");
        Require.that(ephemerals.isEmpty(), "ephemeral elements of no session:", ephemerals);
        Require.that(
                state.nextDeadlineMillis() == firstDeadlineMillis,
                "the next deadline is",
                state.nextDeadlineMillis(),
                ", but should be",
                firstDeadlineMillis);
    }

    // ---- policies

    private void checkPolicies(String namespace) {
        Require.that(state.elements().hasNamespace(namespace), "policies of", namespace, ", which is not there");
        for (OrderedMap.Entry<AbsolutePath, Policies.Policy> each :
                state.policies().in(namespace)) {
            Policies.Policy policy = each.value();
            bytes += Policies.bytes(namespace, each.key(), policy);
            Require.that(policy.never() == (policy.dueMillis() == 0), policy, ": never, and due");
            Require.that(
                    policy.cursor() == null || policy.cursor().startsWith(each.key()),
                    policy,
                    "goes on elsewhere than below",
                    each.key());
            if (!policy.never()) {
                noteDeadline(policy.dueMillis(), each);
            }
        }
    }

    // ---- locks

    private void checkLease(LeaseId id, Lease lease) {
        Require.that(lease.id().equals(id) && lease.equals(state.locks().lease(id)), lease, "is kept as", id);
        Require.that(state.locks().waiting(id) == null, id, "is held and waits");
        Require.that((lease.ttlMillis() == 0) == (lease.deadlineMillis() == 0), lease, ": ttl and deadline");
        Require.that(lease.sinceMillis() <= state.timeMillis(), lease, "is of the future");
        Require.that(lease.token() > 0 && lease.token() <= state.revision(), lease, "has a strange token");
        if (lease.ttlMillis() != 0) {
            noteDeadline(lease.deadlineMillis(), lease);
        }
        own(lease.id().session(), lease.targets().size());
    }

    private void checkWaiting(WaitingRequest request) {
        Require.that(request.equals(state.locks().waiting(request.id())), request, "is not found by its id");
        Require.that(state.locks().isWaiting(request.owner()), request, "waits, but not its owner");
        if (!state.isRecovering()) {
            Require.that(state.locks().mustWait(request), request, "waits, but could be granted");
            Require.that(
                    state.locks().trace().obstacles(request, Integer.MAX_VALUE).size() > 0,
                    request,
                    "waits, but not for anything");
        }
        noteDeadline(request.deadlineMillis(), request);
        own(request.id().session(), request.targets().size());
    }

    private void checkLocks() {
        Locks locks = state.locks();
        Require.that(leases.size() == locks.leaseCount(), leases.size(), "leases, but counted otherwise");
        Require.that(waiting.size() == locks.waitingCount(), waiting.size(), "wait, but counted otherwise");
        for (int i = 0; i < leases.size(); i++) {
            for (Lease other : leases.subList(0, i)) {
                Require.that(!conflict(leases.get(i), other), leases.get(i), "and", other, "exclude each other");
            }
        }
        Set<Owner> owners = new HashSet<>();
        waiting.forEach(request -> Require.that(owners.add(request.owner()), request.owner(), "waits twice"));
        for (String namespace : state.elements().namespaces()) {
            long here = leases.stream()
                    .filter(lease -> lease.namespace().equals(namespace))
                    .count();
            int found = locks.trace()
                    .heldIn(namespace, AbsolutePath.ROOT, Scope.PREFIX, Integer.MAX_VALUE)
                    .size();
            Require.that(found == here, here, "leases in", namespace, ", but", found, "are found");
        }
        checkPools();
        LockTrees.check(locks, state.elements().namespaces());
    }

    /** Slots in use are those of the claims that are held, no more than the pool has, unless it was made smaller since. */
    private void checkPools() {
        long claims = 0;
        long queued = 0;
        for (OrderedMap.Entry<Pools.Place, Pools.Pool> entry :
                state.locks().pools().all()) {
            Pools.Place place = entry.key();
            Pools.Pool pool = entry.value();
            bytes += Pools.bytes(place);
            Require.that(state.elements().namespaces().contains(place.namespace()), place, "is a pool of no namespace");
            List<Lease> held = leases.stream()
                    .filter(lease -> isOf(place, lease.namespace(), lease.targets()))
                    .toList();
            List<WaitingRequest> queue = waiting.stream()
                    .filter(request -> isOf(place, request.namespace(), request.targets()))
                    .toList();
            long used = held.stream()
                    .mapToLong(lease -> lease.targets().get(0).slots())
                    .sum();
            Require.that(pool.used() == used, place, "has", used, "slots in use, but counts", pool.used());
            List<LeaseId> holders = new ArrayList<>();
            pool.claims().forEach(claim -> holders.add(claim.key()));
            Require.that(
                    holders.equals(held.stream().map(Lease::id).toList()),
                    place,
                    "is held by",
                    held,
                    "but has",
                    holders);
            List<LeaseId> line = new ArrayList<>();
            pool.queue().forEach(request -> line.add(request.value()));
            Require.that(
                    line.equals(queue.stream().map(WaitingRequest::id).toList()),
                    place,
                    "is waited for by",
                    queue,
                    "but has",
                    line);
            for (WaitingRequest request : queue) {
                Require.that(
                        request.targets().get(0).slots() <= pool.size(), request, "can never be granted by", place);
            }
            Require.that(!pool.isLost() || !held.isEmpty(), place, "is left over");
            claims += held.size();
            queued += queue.size();
        }
        long allClaims = leases.stream().filter(Lease::isClaim).count();
        long allQueued = waiting.stream().filter(WaitingRequest::isClaim).count();
        Require.that(claims == allClaims, allClaims, "claims, but", claims, "in pools");
        Require.that(queued == allQueued, allQueued, "claims wait, but", queued, "for pools");
    }

    private static boolean isOf(Pools.Place place, String namespace, List<Target> targets) {
        return place.namespace().equals(namespace) && targets.get(0).isServedBy(place.path());
    }

    private static boolean conflict(Lease a, Lease b) {
        if (!a.namespace().equals(b.namespace()) || a.owner().equals(b.owner())) {
            return false;
        }
        for (Target target : a.targets()) {
            if (b.targets().stream().anyMatch(target::conflictsWith)) {
                return true;
            }
        }
        return false;
    }

    // ---- elements

    private void checkElements(String namespace) {
        Elements elements = state.elements();
        Elements.Placed root = elements.closest(namespace, AbsolutePath.ROOT);
        checkElement(namespace, root);
        Require.that(
                root.element().createRevision() == elements.createRevision(namespace),
                namespace,
                "and its root are not of the same age");
        bytes += Elements.NAMESPACE_BYTES + namespace.length();
        int count = 1;
        AbsolutePath last = AbsolutePath.ROOT;
        Iterator<Elements.Placed> below = elements.below(namespace, AbsolutePath.ROOT, true, AbsolutePath.ROOT);
        while (below.hasNext()) {
            Elements.Placed placed = below.next();
            count++;
            Require.that(placed.path().compareTo(last) > 0, placed.path(), "is listed after", last);
            last = placed.path();
            Element parent = elements.get(namespace, last.parent().orElseThrow());
            Require.that(parent != null, last, "is registered, but not its parent");
            Require.that(parent == null || !parent.isPassing(), last, "is below an element that ends by itself");
            checkElement(namespace, placed);
        }
        Require.that(count == elements.count(namespace), count, "elements in", namespace, ", but counted otherwise");
        Require.that(count == elements.countBelow(namespace, AbsolutePath.ROOT) + 1, count, "below the root");
    }

    private void checkElement(String namespace, Elements.Placed placed) {
        Element element = placed.element();
        bytes += Elements.bytes(placed.path(), element);
        Require.that(element.equals(state.elements().get(namespace, placed.path())), placed, "is not found");
        Require.that(
                element.version() > 0
                        && element.createRevision() <= element.modRevision()
                        && element.modRevision() <= state.revision(),
                placed,
                "has strange numbers");
        Require.that((element.ttlMillis() == 0) == (element.deadlineMillis() == 0), placed, ": ttl and deadline");
        if (element.ttlMillis() != 0) {
            noteDeadline(element.deadlineMillis(), placed);
        }
        if (element.ephemeralSession() != 0) {
            own(element.ephemeralSession(), 1);
            ephemerals
                    .computeIfAbsent(element.ephemeralSession(), unknown -> new HashSet<>())
                    .add(new Session.Ephemeral(namespace, placed.path()));
        }
    }

    // ---- sessions

    private void checkSession(long id, Session session) {
        Require.that(
                session.id() == id && session.equals(state.sessions().get(session.secret())),
                session,
                "is kept as",
                id);
        bytes += session.bytes();
        KeptBytes.check(session);
        if (damaged.test(session)) {
            if (session.deadlineMillis() > state.timeMillis()) {
                noteDeadline(session.deadlineMillis(), session);
            }
            return;
        }
        noteDeadline(session.deadlineMillis(), session);
        int owns = owned.getOrDefault(id, 0);
        Require.that(session.owned() == owns, "session", id, "owns", owns, ", but counts", session.owned());
        // The setting may have been lowered since; never was it more than this.
        Require.that(owns <= Setting.OWNED_MAX.max(), "session", id, "owns more than it may:", owns);
        Set<Session.Ephemeral> noted = new HashSet<>();
        session.ephemerals().forEach(ephemeral -> noted.add(ephemeral.key()));
        Set<Session.Ephemeral> there = ephemerals.remove(id);
        Require.that(
                noted.equals(there == null ? Set.of() : there), "ephemerals of", id, ":", there, ", but noted", noted);
        session.answers().forEach(answer -> Require.that(answer.key() >= session.mark(), answer, "is below the mark"));
        session.ends().forEach(end -> {
            LeaseId ended = new LeaseId(id, end.key());
            Require.that(
                    state.locks().lease(ended) == null && state.locks().waiting(ended) == null,
                    ended,
                    "has ended and has not");
            Require.that(
                    !end.value().tombstone() || end.key() >= session.mark(), "tombstone", ended, "is below the mark");
        });
    }

    // ---- all of them

    private void own(long session, int more) {
        Require.that(state.sessions().get(session) != null, "there is no session", session, ", but it owns something");
        owned.merge(session, more, Integer::sum);
    }

    private void noteDeadline(long deadlineMillis, Object of) {
        Require.that(deadlineMillis > state.timeMillis(), "at", state.timeMillis(), "past its deadline:", of);
        firstDeadlineMillis = Math.min(firstDeadlineMillis, deadlineMillis);
    }
}
