package io.whatnot.core.testing;

import static io.whatnot.core.testing.ReferenceModel.refused;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Blocker;
import io.whatnot.core.model.Cause;
import io.whatnot.core.model.Change;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.LeaseCommand;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Detail;
import io.whatnot.core.model.Result.Refused;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Target;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The leases and waiting requests of the reference model. */
final class ReferenceLocks {
    /** How many of those in the way an answer names. */
    private static final int SHOWN_MAX = 8;

    /** In the order of their grant. */
    final List<ReferenceLease> leases = new ArrayList<>();
    /** In the order of arrival. */
    final List<ReferenceRequest> waiting = new ArrayList<>();

    private final ReferenceModel model;
    /** Found out once after each change. */
    private @Nullable WaitGraph graph;

    ReferenceLocks(ReferenceModel model) {
        this.model = model;
    }

    // ---- questions

    @Nullable
    ReferenceLease lease(LeaseId id) {
        return leases.stream()
                .filter(lease -> lease.id().equals(id))
                .findFirst()
                .orElse(null);
    }

    @Nullable
    ReferenceRequest waiting(LeaseId id) {
        return waiting.stream()
                .filter(request -> request.id().equals(id))
                .findFirst()
                .orElse(null);
    }

    List<ReferenceLease> leasesOf(long session) {
        return leases.stream()
                .filter(lease -> lease.id().session() == session)
                .sorted(Comparator.comparing(ReferenceLease::id))
                .toList();
    }

    List<ReferenceLease> leasesIn(String namespace) {
        return leases.stream()
                .filter(lease -> lease.namespace().equals(namespace))
                .sorted(Comparator.comparing(ReferenceLease::id))
                .toList();
    }

    /** What a request for a lease is answered again: the lease, or its place in line now. */
    @Nullable
    Result answerTo(LeaseId id) {
        ReferenceLease lease = lease(id);
        if (lease != null) {
            return model.recovery.isUsable(id) ? lease.granted() : model.recovery.refusal();
        }
        ReferenceRequest request = waiting(id);
        return request == null ? null : queued(request);
    }

    private Result queued(ReferenceRequest request) {
        return new Result.Queued(request.id(), position(request), inTheWay(request));
    }

    // ---- commands

    Result execute(ReferenceSession session, Request request, LeaseCommand command) {
        if (command instanceof LeaseCommand.Acquire acquire) {
            return acquire(session, request, acquire);
        }
        if (command instanceof LeaseCommand.Renew renew) {
            return renew(session, renew);
        }
        if (command instanceof LeaseCommand.Release release) {
            return release(session, release);
        }
        return cancel(session, (LeaseCommand.Cancel) command);
    }

    private Result acquire(ReferenceSession session, Request request, LeaseCommand.Acquire acquire) {
        if (model.recovery.isUnderWay()) {
            return model.recovery.refusal();
        }
        Refused refused = model.namespaces.refuseUse(acquire.namespace());
        if (refused != null) {
            return refused;
        }
        int had = model.sessions.owned(session.id) + session.ends.size();
        if (had + acquire.targets().size() > model.limits.ownedMax()) {
            return refused(ErrorCode.RESOURCE_EXHAUSTED);
        }
        List<Target> targets = acquire.targets();
        if (acquire.isClaim()) {
            refused = model.pools.refuseClaim(acquire.namespace(), targets.get(0));
            if (refused != null) {
                return refused;
            }
            targets = List.of(model.pools.served(acquire.namespace(), targets.get(0)));
        }
        model.recovery.noteTtl(acquire.ttlMillis());
        ReferenceRequest asked = new ReferenceRequest(
                new LeaseId(session.id, request.sequence()),
                acquire.namespace(),
                targets,
                ReferenceOwner.of(request),
                acquire.ttlMillis(),
                model.now,
                model.now + acquire.waitMillis(),
                acquire.label());
        if (!graph().mustWait(asked)) {
            model.namespaces.createIfMissing(asked.namespace());
            Result granted = grant(asked);
            grantAll();
            return granted;
        }
        if (acquire.waitMillis() == 0) {
            return refused(ErrorCode.LOCK_TIMEOUT, blocked(asked));
        }
        if (waiting.stream().anyMatch(other -> other.owner().equals(asked.owner()))) {
            return refused(ErrorCode.OWNER_BUSY);
        }
        for (Target target : asked.targets()) {
            if (countWaitingAt(asked.namespace(), target) >= model.limits.waitersMax()) {
                return refused(ErrorCode.TOO_MANY_WAITERS);
            }
        }
        if (model.level() >= 3 && isInDeadlock(graph(), asked)) {
            return refused(ErrorCode.DEADLOCK);
        }
        waiting.add(asked);
        model.pruning.note(asked.namespace(), asked.targets());
        graph = null;
        Result queued = queued(asked);
        grantAll();
        return queued;
    }

    private long countWaitingAt(String namespace, Target target) {
        AbsolutePath pool = target.pool();
        if (pool != null) {
            return model.pools.queue(namespace, pool).size();
        }
        return waiting.stream()
                .filter(request -> request.namespace().equals(namespace))
                .filter(request -> request.targets().stream()
                        .anyMatch(t -> !t.isClaim() && t.path().equals(target.path())))
                .count();
    }

    private Result renew(ReferenceSession session, LeaseCommand.Renew renew) {
        LeaseId id = new LeaseId(session.id, renew.lease());
        ReferenceLease lease = lease(id);
        if (lease == null) {
            return refuseNotHeld(session, id);
        }
        if (!model.recovery.isUsable(id)) {
            return model.recovery.refusal();
        }
        if (lease.ttlMillis() == 0) {
            return renew.ttlMillis() == 0 ? new Result.Renewed(0) : refused(ErrorCode.INVALID_ARGUMENT);
        }
        long ttlMillis = renew.ttlMillis() == 0 ? lease.ttlMillis() : renew.ttlMillis();
        return new Result.Renewed(renewed(lease, ttlMillis).deadlineMillis());
    }

    ReferenceLease renewed(ReferenceLease lease, long ttlMillis) {
        if (ttlMillis == 0) {
            return lease;
        }
        model.recovery.noteTtl(ttlMillis);
        ReferenceLease renewed = new ReferenceLease(
                lease.id(),
                lease.namespace(),
                lease.targets(),
                lease.owner(),
                lease.token(),
                ttlMillis,
                model.now + ttlMillis,
                lease.sinceMillis(),
                lease.label());
        leases.set(leases.indexOf(lease), renewed);
        graph = null;
        return renewed;
    }

    private Result release(ReferenceSession session, LeaseCommand.Release release) {
        LeaseId id = new LeaseId(session.id, release.lease());
        ReferenceLease lease = lease(id);
        if (lease == null) {
            Result refused = refuseNotHeld(session, id);
            if (waiting(id) == null) {
                session.bury(id.sequence());
            }
            return refused;
        }
        end(lease, Cause.REQUEST);
        session.bury(id.sequence());
        grantAll();
        return new Result.Done(new Revision(model.revision));
    }

    private Result cancel(ReferenceSession session, LeaseCommand.Cancel cancel) {
        LeaseId id = new LeaseId(session.id, cancel.request());
        ReferenceLease lease = lease(id);
        if (lease != null) {
            end(lease, Cause.REQUEST);
        }
        withdraw(request -> request.id().equals(id));
        session.bury(id.sequence());
        grantAll();
        return new Result.Done(new Revision(model.revision));
    }

    Result revoke(LeaseId id) {
        ReferenceLease lease = lease(id);
        ReferenceRequest request = waiting(id);
        if (lease != null) {
            end(lease, Cause.ADMIN);
            tellLost(lease, Cause.ADMIN);
        } else if (request != null) {
            fail(request, refused(ErrorCode.LEASE_LOST, new Detail.Ended(Cause.ADMIN)));
        } else {
            return refused(ErrorCode.LEASE_LOST);
        }
        grantAll();
        return new Result.Done(new Revision(model.revision));
    }

    private Result refuseNotHeld(ReferenceSession session, LeaseId id) {
        if (waiting(id) != null) {
            return refused(ErrorCode.INVALID_ARGUMENT);
        }
        return session.endOf(id.sequence()) instanceof Refused end && end.code() == ErrorCode.LEASE_LOST
                ? end
                : refused(ErrorCode.LEASE_LOST);
    }

    // ---- what happens to leases and waiting requests

    private Result grant(ReferenceRequest request) {
        ReferenceLease lease = new ReferenceLease(
                request.id(),
                request.namespace(),
                request.targets(),
                request.owner(),
                token(request),
                request.ttlMillis(),
                request.ttlMillis() == 0 ? 0 : model.now + request.ttlMillis(),
                model.now,
                request.label());
        leases.add(lease);
        graph = null;
        model.event(lease, Change.LOCKED, Cause.REQUEST);
        return lease.granted();
    }

    /** The revision of the grant; or, if a lease of the owner covers the request, that one's token, the highest of them. */
    private long token(ReferenceRequest request) {
        model.revision();
        return leases.stream()
                .filter(lease -> lease.owner().equals(request.owner()))
                .filter(lease -> request.targets().stream().allMatch(t -> lease.covers(request.namespace(), t)))
                .mapToLong(ReferenceLease::token)
                .max()
                .orElse(model.revision);
    }

    /** Grants the earliest waiting request that can be granted, again and again until there is none. */
    void grantAll() {
        while (!waiting.isEmpty() && !model.recovery.isUnderWay()) {
            WaitGraph.Claim next = graph().firstToGrant();
            if (next == null) {
                return;
            }
            ReferenceRequest granted = (ReferenceRequest) next;
            waiting.remove(granted);
            graph = null;
            model.push(granted.id(), grant(granted));
        }
    }

    /** Fails the youngest request that is in a deadlock, again and again until there is none. */
    void cutDeadlocks() {
        if (model.level() >= 8) {
            cutAsTheyCame();
            return;
        }
        for (int i = waiting.size() - 1; i >= 0 && model.level() >= 3; i--) {
            if (graph().wouldDeadlock(waiting.get(i))) {
                fail(waiting.get(i), refused(ErrorCode.DEADLOCK));
                grantAll();
                i = waiting.size();
            }
        }
    }

    /** Fails each request that would have been refused, if all had come one after the other. */
    private void cutAsTheyCame() {
        for (int i = 0; i < waiting.size(); i++) {
            ReferenceRequest request = waiting.get(i);
            WaitGraph earlier = new WaitGraph(leases, waiting.subList(0, i), model.pools::size);
            if (isInDeadlock(earlier, request)) {
                fail(request, refused(ErrorCode.DEADLOCK));
                grantAll();
                i = -1;
            }
        }
    }

    private boolean isInDeadlock(WaitGraph earlier, ReferenceRequest request) {
        Set<String> stay = model.namespaces.deadlocksStay;
        return stay.isEmpty()
                ? earlier.wouldDeadlock(request)
                : earlier.wouldDeadlock(request, namespace -> !stay.contains(namespace));
    }

    /** Who waits for whom now. */
    private WaitGraph graph() {
        if (graph == null) {
            graph = new WaitGraph(leases, waiting, model.pools::size);
        }
        return graph;
    }

    /** Something has changed that is neither held nor waited for. */
    void changed() {
        graph = null;
    }

    void add(ReferenceLease lease) {
        leases.add(lease);
        graph = null;
    }

    void end(ReferenceLease lease, Cause cause) {
        leases.remove(lease);
        graph = null;
        model.recovery.leaseEnded(lease.id(), cause);
        model.event(lease, Change.UNLOCKED, cause);
    }

    /** Tells a client that its lease has ended, and remembers it until the client knows. */
    void tellLost(ReferenceLease lease, Cause cause) {
        tell(lease.id(), refused(ErrorCode.LEASE_LOST, new Detail.Ended(cause)));
    }

    void expire(ReferenceLease lease) {
        end(lease, Cause.EXPIRED);
        tellLost(lease, Cause.EXPIRED);
        grantAll();
    }

    void timeOut(ReferenceRequest request) {
        fail(request, refused(ErrorCode.LOCK_TIMEOUT, blocked(request)));
        grantAll();
    }

    void fail(ReferenceRequest request, Refused why) {
        withdraw(request::equals);
        tell(request.id(), why);
    }

    void withdraw(Predicate<ReferenceRequest> which) {
        waiting.stream().filter(which).forEach(request -> model.pruning.note(request.namespace(), request.targets()));
        waiting.removeIf(which);
        graph = null;
    }

    private void tell(LeaseId id, Refused why) {
        model.sessions.require(id.session()).noteEnd(id.sequence(), why);
        model.push(id, why);
    }

    // ---- what is in the way

    private Detail blocked(ReferenceRequest request) {
        return new Detail.Blocked(position(request), inTheWay(request));
    }

    /** One more than the earlier waiting targets in the way of one of the request's. */
    long position(ReferenceRequest request) {
        AbsolutePath pool = request.targets().get(0).pool();
        if (pool != null) {
            List<ReferenceRequest> queue = model.pools.queue(request.namespace(), pool);
            return 1L + (queue.contains(request) ? queue.indexOf(request) : queue.size());
        }
        return 1 + new Obstacles(this, request, SHOWN_MAX).countWaitingBefore();
    }

    /** The first few of what a request waits for. */
    List<Blocker> inTheWay(ReferenceRequest request) {
        return new Obstacles(this, request, SHOWN_MAX).all(graph(), model.pools);
    }

    /** The first few of what is held in the way of a request. */
    List<Blocker> holdersInTheWay(ReferenceRequest request) {
        return new Obstacles(this, request, SHOWN_MAX).held();
    }

    Blocker blocker(ReferenceLease lease, Target target) {
        long sessionEnds = model.sessions.require(lease.id().session()).deadlineMillis;
        long ends = lease.ttlMillis() == 0 ? sessionEnds : Math.min(lease.deadlineMillis(), sessionEnds);
        return new Blocker(
                lease.id(),
                false,
                target,
                model.sessions.actor(lease.id().session()),
                lease.owner().label(),
                lease.label(),
                lease.sinceMillis(),
                Math.max(0, ends - model.now));
    }

    Blocker blocker(ReferenceRequest request, Target target) {
        return new Blocker(
                request.id(),
                true,
                target,
                model.sessions.actor(request.id().session()),
                request.owner().label(),
                request.label(),
                request.sinceMillis(),
                Math.max(0, request.deadlineMillis() - model.now));
    }
}
