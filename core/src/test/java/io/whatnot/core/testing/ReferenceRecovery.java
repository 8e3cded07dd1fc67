package io.whatnot.core.testing;

import static io.whatnot.core.testing.ReferenceModel.refused;

import io.whatnot.core.model.AdminCommand;
import io.whatnot.core.model.Cause;
import io.whatnot.core.model.Change;
import io.whatnot.core.model.ClusterCommand;
import io.whatnot.core.model.Command;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.LeaseCommand;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Detail;
import io.whatnot.core.model.Result.Refused;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.SessionCommand;
import io.whatnot.core.model.Target;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Epochs, recoveries and what is reclaimed in them, in the reference model. */
final class ReferenceRecovery {
    private static final long RETRY_MILLIS_MAX = 1_000;
    private static final int VOTERS_MAX = 64;

    long epoch;
    long longestTtlMillis;
    /** 0 when none is under way. */
    long untilMillis;

    final Map<String, ClusterCommand.Rejoined> rejoined = new TreeMap<>();
    /** Sessions that have said all they hold, and those that have ended. */
    private final Set<Long> spoken = new HashSet<>();

    private final Set<Long> endedSessions = new HashSet<>();
    /** Leases that were reclaimed and are held, and those that are not to come back. */
    private final Set<LeaseId> reclaimed = new HashSet<>();

    private final Set<LeaseId> ended = new HashSet<>();
    private final ReferenceModel model;

    ReferenceRecovery(ReferenceModel model) {
        this.model = model;
    }

    boolean isUnderWay() {
        return untilMillis != 0;
    }

    void noteTtl(long millis) {
        long rounded = 0;
        while (rounded < millis) {
            rounded = rounded == 0 ? 1 : rounded * 2;
        }
        longestTtlMillis = Math.max(longestTtlMillis, rounded);
    }

    // ---- commands of nodes

    Result execute(ClusterCommand command) {
        if (command instanceof ClusterCommand.Rejoined voter) {
            rejoined.put(voter.voter(), voter);
            if (rejoined.size() > VOTERS_MAX) {
                rejoined.values().stream()
                        .min(Comparator.comparing(ClusterCommand.Rejoined::term)
                                .thenComparing(ClusterCommand.Rejoined::voter))
                        .ifPresent(oldest -> rejoined.remove(oldest.voter()));
            }
            return new Result.Done(new Revision(model.revision));
        }
        ClusterCommand.Epoch begin = (ClusterCommand.Epoch) command;
        if (begin.term() >= 1L << 19) {
            return refused(ErrorCode.RESOURCE_EXHAUSTED);
        }
        if (begin.term() < epoch) {
            return refused(ErrorCode.INVALID_ARGUMENT);
        }
        if (begin.term() > epoch) {
            epoch = begin.term();
            model.revision = epoch << 44;
            noteTtl(begin.longestTtlMillis());
            untilMillis = model.now + Math.max(1, longestTtlMillis);
            forget();
            model.sessions.all.forEach(session -> session.deadlineMillis = model.now + session.ttlMillis);
        }
        return new Result.Done(new Revision(epoch << 44));
    }

    private void forget() {
        spoken.clear();
        endedSessions.clear();
        reclaimed.clear();
        ended.clear();
    }

    /** Whoever can be is granted. */
    void end() {
        untilMillis = 0;
        forget();
        model.locks.grantAll();
    }

    /** Until when a session lives that is kept alive now. */
    long deadlineMillis(ReferenceSession session) {
        long deadline = model.now + session.ttlMillis;
        boolean silent = isUnderWay() && session.id <= epoch << 44 && !spoken.contains(session.id);
        return silent ? Math.min(deadline, untilMillis) : deadline;
    }

    // ---- what is refused meanwhile

    Refused refusal() {
        long left = Math.max(1, untilMillis - model.now);
        return refused(ErrorCode.RECOVERING, new Detail.RetryAfter(Math.min(left, RETRY_MILLIS_MAX)));
    }

    /** Whether a session that is not there may be reclaimed. */
    boolean mayComeBack(long session) {
        return isUnderWay() && session <= epoch << 44 && !endedSessions.contains(session);
    }

    boolean mayGoOn(Request request) {
        Command command = request.command();
        return !isUnderWay()
                || request.session() > epoch << 44
                || spoken.contains(request.session())
                || command instanceof SessionCommand.Close
                || command instanceof LeaseCommand.Release
                || command instanceof LeaseCommand.Cancel
                || command instanceof AdminCommand;
    }

    boolean isUsable(LeaseId lease) {
        return !isUnderWay() || reclaimed.contains(lease);
    }

    /** Whether nobody knows that a lease is held, nor that it has ended. */
    boolean isUncertain(LeaseId lease) {
        return isUnderWay() && !reclaimed.contains(lease) && !ended.contains(lease);
    }

    /** Refuses a change that is not made under what was reclaimed. */
    @Nullable
    Refused refuseChange(Request request, String namespace, long lease, Target target) {
        if (!isUnderWay()) {
            return null;
        }
        if (lease != 0) {
            LeaseId id = new LeaseId(request.session(), lease);
            return model.locks.lease(id) == null || reclaimed.contains(id) ? null : refusal();
        }
        boolean under = model.locks.leases.stream()
                .filter(held -> held.owner().equals(ReferenceOwner.of(request)))
                .filter(held -> reclaimed.contains(held.id()))
                .anyMatch(held -> held.covers(namespace, target.shared()));
        return under ? null : refusal();
    }

    void leaseEnded(LeaseId lease, Cause cause) {
        if (isUnderWay() && (reclaimed.remove(lease) || cause != Cause.EXPIRED)) {
            ended.add(lease);
        }
    }

    void sessionEnded(long session) {
        if (isUnderWay()) {
            spoken.remove(session);
            endedSessions.add(session);
        }
    }

    // ---- reclaiming

    Result reclaim(SessionCommand.Reclaim reclaim) {
        ReferenceSession session = model.sessions.find(reclaim.session());
        if (session != null && !session.secret.equals(reclaim.secret())) {
            return refused(ErrorCode.UNAUTHENTICATED);
        }
        if (session == null && !mayComeBack(reclaim.session())) {
            return refused(ErrorCode.SESSION_EXPIRED);
        }
        if (isUnderWay() && reclaim.epoch() != epoch) {
            return refusal();
        }
        if (session == null) {
            if (model.sessions.all.stream().anyMatch(other -> other.secret.equals(reclaim.secret()))) {
                return refused(ErrorCode.UNAUTHENTICATED);
            }
            if (model.sessions.all.size() >= model.limits.sessionsMax()) {
                return refused(ErrorCode.RESOURCE_EXHAUSTED);
            }
            session = new ReferenceSession(
                    reclaim.session(), reclaim.secret(), reclaim.name(), reclaim.ttlMillis(), model.now);
            model.sessions.all.add(session);
            model.sessions.all.sort(Comparator.comparing(each -> each.id));
            noteTtl(reclaim.ttlMillis());
        }
        List<Result.ReclaimedLease> leases = new ArrayList<>();
        for (SessionCommand.Held held : reclaim.held()) {
            leases.add(reclaim(session, held));
        }
        if (isUnderWay()) {
            session.acknowledge(
                    new Request(session.id, 0, reclaim.mark(), List.of(), "", new SessionCommand.Heartbeat()));
            if (!reclaim.more() && spoken.add(session.id)) {
                giveUpTheRest(session, reclaim.outstanding());
            }
        }
        session.deadlineMillis = deadlineMillis(session);
        return new Result.Reclaimed(session.deadlineMillis, leases);
    }

    private Result.ReclaimedLease reclaim(ReferenceSession session, SessionCommand.Held held) {
        LeaseId id = new LeaseId(session.id, held.sequence());
        if (model.locks.lease(id) == null && isUnderWay() && !ended.contains(id)) {
            regrant(session, id, held);
        }
        ReferenceLease lease = model.locks.lease(id);
        if (lease == null || lease.token() != held.token().value()) {
            return new Result.ReclaimedLease(held.sequence(), false, 0);
        }
        if (!isUnderWay()) {
            return new Result.ReclaimedLease(held.sequence(), true, lease.deadlineMillis());
        }
        reclaimed.add(id);
        return new Result.ReclaimedLease(
                held.sequence(),
                true,
                model.locks.renewed(lease, lease.ttlMillis()).deadlineMillis());
    }

    private void regrant(ReferenceSession session, LeaseId id, SessionCommand.Held held) {
        LeaseCommand.Acquire asked = held.lease();
        ReferenceOwner owner =
                new ReferenceOwner(id.session(), held.owner(), held.owner().isEmpty() ? id.sequence() : 0);
        int had = model.sessions.owned(session.id) + session.ends.size();
        Result known = session.known(id.sequence());
        boolean ranOut = known instanceof Refused refused && refused.detail().equals(new Detail.Ended(Cause.EXPIRED));
        if ((known != null && !ranOut)
                || held.token().value() > epoch << 44
                || had + asked.targets().size() > model.limits.ownedMax()
                || model.namespaces.refuseToHold(asked.namespace()) != null) {
            return;
        }
        List<ReferenceLease> inTheWay = model.locks.leases.stream()
                .filter(lease -> !lease.owner().equals(owner))
                .filter(lease -> lease.namespace().equals(asked.namespace()))
                .filter(lease -> lease.targets().stream()
                        .anyMatch(theirs -> asked.targets().stream().anyMatch(theirs::conflictsWith)))
                .sorted(Comparator.comparing(ReferenceLease::id))
                .toList();
        if (inTheWay.stream()
                .anyMatch(lease -> reclaimed.contains(lease.id())
                        || lease.token() >= held.token().value())) {
            return;
        }
        session.ends.removeIf(end -> end.sequence() == id.sequence());
        model.locks.withdraw(request -> request.id().equals(id));
        for (ReferenceLease stale : inTheWay) {
            model.locks.end(stale, Cause.EXPIRED);
            model.locks.tellLost(stale, Cause.EXPIRED);
        }
        model.namespaces.createIfMissing(asked.namespace());
        ReferenceLease lease = new ReferenceLease(
                id,
                asked.namespace(),
                asked.targets(),
                owner,
                held.token().value(),
                asked.ttlMillis(),
                asked.ttlMillis() == 0 ? 0 : model.now + asked.ttlMillis(),
                model.now,
                asked.label());
        model.locks.add(lease);
        noteTtl(asked.ttlMillis());
        model.event(lease, Change.LOCKED, Cause.REQUEST);
        model.locks.cutDeadlocks();
    }

    private void giveUpTheRest(ReferenceSession session, List<Long> outstanding) {
        for (ReferenceLease lease : model.locks.leasesOf(session.id)) {
            if (!reclaimed.contains(lease.id())
                    && !outstanding.contains(lease.id().sequence())) {
                model.locks.end(lease, Cause.REQUEST);
                session.bury(lease.id().sequence());
            }
        }
        for (ReferenceRequest request : List.copyOf(model.locks.waiting)) {
            if (request.id().session() == session.id
                    && !outstanding.contains(request.id().sequence())) {
                model.locks.withdraw(request::equals);
                session.bury(request.id().sequence());
            }
        }
    }
}
