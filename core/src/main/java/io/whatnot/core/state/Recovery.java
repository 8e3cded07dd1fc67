package io.whatnot.core.state;

import io.whatnot.core.model.AdminCommand;
import io.whatnot.core.model.Cause;
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
import io.whatnot.core.state.lock.Lease;
import io.whatnot.core.state.lock.Owner;
import io.whatnot.core.state.lock.WaitingRequest;
import io.whatnot.core.state.map.OrderedMap;
import io.whatnot.core.state.session.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a cluster does that has re-formed after a majority of its voters had lost their memory: a new epoch begins, and
 * until every lease that may have been forgotten has run out, nothing is granted and nothing changed, but to those who
 * reclaim what they hold, and by them under it. So locks exclude, and their tokens grow, over a loss of all memory.
 */
final class Recovery {
    /** The most voters of which it is remembered that they lost their memory. */
    static final int REJOINED_MAX = 64;

    /** A client is to ask again after so long at most, for what is in its way may end sooner. */
    private static final long RETRY_MILLIS_MAX = 1_000;

    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

    private Recovery() {}

    /** The least power of two that is not below; 0 of 0. */
    static long roundedUp(long millis) {
        if (millis <= 1 || millis > 1L << 61) {
            return Math.min(millis, 1L << 61);
        }
        return Long.highestOneBit(millis - 1) << 1;
    }

    static Result execute(Step step, ClusterCommand command) {
        if (command instanceof ClusterCommand.Epoch epoch) {
            return begin(step, epoch);
        }
        if (command instanceof ClusterCommand.Rejoined rejoined) {
            return rejoined(step.state, rejoined);
        }
        throw new AssertionError(command);
    }

    // ---- the epoch

    private static Result begin(Step step, ClusterCommand.Epoch command) {
        State state = step.state;
        long epoch = command.term();
        if (epoch > Revision.EPOCH_MAX) {
            LOG.error(
                    "epoch {} can't begin: revisions end with epoch {}; this cluster takes no requests any more, export"
                            + " it and found another",
                    epoch,
                    Revision.EPOCH_MAX);
            return new Refused(
                    ErrorCode.RESOURCE_EXHAUSTED,
                    "epoch " + epoch + " can't begin: the last that has revisions is " + Revision.EPOCH_MAX);
        }
        if (epoch == state.epoch) {
            return new Result.Done(new Revision(Revision.startOf(epoch)));
        }
        if (epoch < state.epoch || Revision.startOf(epoch) <= state.revision) {
            LOG.error("epoch {} can't begin: it is epoch {} already", epoch, Revision.epochOf(state.revision));
            return new Refused(
                    ErrorCode.INVALID_ARGUMENT,
                    "epoch " + epoch + " can't begin: it is epoch " + Revision.epochOf(state.revision) + " already");
        }
        if (state.isRecovering()) {
            state.removeDeadline(Deadline.ofRecovery(state.recoveringUntilMillis));
        }
        state.epoch = epoch;
        state.revision = Revision.startOf(epoch);
        state.noteTtl(command.longestTtlMillis());
        state.reclaimed = OrderedMap.empty();
        // One more than nothing: so that it is over by a deadline, whatever else there is, and never while it begins.
        state.recoveringUntilMillis = step.now() + Math.max(1, state.longestTtlMillis);
        state.addDeadline(Deadline.ofRecovery(state.recoveringUntilMillis));
        keepSessionsAlive(state);
        return new Result.Done(new Revision(state.revision));
    }

    /** Heartbeats may be among what was forgotten: each session gets the time it had at most, to be reclaimed. */
    private static void keepSessionsAlive(State state) {
        List<Session> sessions = new ArrayList<>();
        state.sessions.all().forEach(session -> sessions.add(session.value()));
        sessions.forEach(session -> SessionExecutor.keepAlive(state, session));
    }

    /** Everything that may have been forgotten has run out: all is granted that can be, by arrival. */
    static void end(Step step) {
        giveUp(step.state);
        LockExecutor.grantAll(step, step.state.locks.grantsToAll());
    }

    /** It is over, whatever becomes of those who wait. */
    static void giveUp(State state) {
        state.recoveringUntilMillis = 0;
        state.reclaimed = OrderedMap.empty();
    }

    /**
     * Until when a session may live that is kept alive now. One that has never said what it holds does not outlive the
     * recovery, for nobody knows whether it still holds what is remembered of it.
     */
    static long deadlineMillis(State state, Session session) {
        long deadline = state.timeMillis + session.ttlMillis();
        return hasSpoken(state, session.id()) ? deadline : Math.min(deadline, state.recoveringUntilMillis);
    }

    /** Whether what a session may do is known: it is of this epoch, or has said all that it holds; or nothing was forgotten. */
    private static boolean hasSpoken(State state, long session) {
        return !state.isRecovering()
                || !isOfEarlierEpoch(state, session)
                || state.reclaimed.get(new LeaseId(session, 0)) != null;
    }

    private static boolean isOfEarlierEpoch(State state, long session) {
        return session <= Revision.startOf(state.epoch);
    }

    // ---- while it lasts

    /** What is not done while the cluster recovers. */
    static Refused refusal(State state) {
        long left = Math.max(1, state.recoveringUntilMillis - state.timeMillis);
        return new Refused(
                ErrorCode.RECOVERING,
                "the cluster lost its memory and re-formed in term " + state.epoch
                        + "; it waits until what it may have forgotten has run out, " + left + " ms more",
                new Detail.RetryAfter(Math.min(left, RETRY_MILLIS_MAX)));
    }

    /** Refuses a change while recovering, unless it is made under a lease that was reclaimed. */
    static @Nullable Refused refuseChange(
            State state, Request request, String namespace, long leaseSequence, Target target) {
        if (!state.isRecovering()) {
            return null;
        }
        if (leaseSequence != 0) {
            LeaseId id = new LeaseId(request.session(), leaseSequence);
            // One that is not held is refused for that.
            return state.locks.lease(id) == null || isReclaimed(state, id) ? null : refusal(state);
        }
        boolean under = state.locks.leasesOf(Owner.of(request)).stream()
                .anyMatch(lease -> isReclaimed(state, lease.id()) && lease.covers(namespace, target.shared()));
        return under ? null : refusal(state);
    }

    /** A session that has not said what it holds can only be kept alive, or end things: what else it means nobody knows. */
    static boolean mayGoOn(State state, Request request) {
        Command command = request.command();
        return hasSpoken(state, request.session())
                || command instanceof SessionCommand.Close
                || command instanceof LeaseCommand.Release
                || command instanceof LeaseCommand.Cancel
                || command instanceof AdminCommand;
    }

    /** Whether a lease may be used: while recovering only one that its client has said it holds. */
    static boolean isUsable(State state, LeaseId lease) {
        return !state.isRecovering() || isReclaimed(state, lease);
    }

    /** Whether it is not known that a lease is held, nor that it has ended. */
    static boolean isUncertain(State state, LeaseId lease) {
        return state.isRecovering() && state.reclaimed.get(lease) == null;
    }

    private static boolean isReclaimed(State state, LeaseId lease) {
        return Boolean.TRUE.equals(state.reclaimed.get(lease));
    }

    /** Whether a session that is not there may have been forgotten, and come back. */
    static boolean mayBeReclaimed(State state, long session) {
        return state.isRecovering()
                && isOfEarlierEpoch(state, session)
                && state.reclaimed.get(new LeaseId(session, 0)) == null;
    }

    /** A lease ends. It does not come back, unless it runs out by what is remembered, for renewals may be forgotten. */
    static void ended(State state, LeaseId lease, Cause cause) {
        if (state.isRecovering() && (cause != Cause.EXPIRED || isReclaimed(state, lease))) {
            state.noteReclaimed(lease, false);
        }
    }

    /** A session ends, and does not come back. */
    static void sessionEnded(State state, long session) {
        if (state.isRecovering()) {
            state.noteReclaimed(new LeaseId(session, 0), false);
        }
    }

    // ---- reclaiming

    static Result reclaim(Step step, SessionCommand.Reclaim reclaim) {
        State state = step.state;
        Session known = state.sessions.get(reclaim.session());
        if (known != null && !known.secret().equals(reclaim.secret())) {
            return new Refused(ErrorCode.UNAUTHENTICATED, "that is not the secret of session " + reclaim.session());
        }
        if (known == null && !mayBeReclaimed(state, reclaim.session())) {
            return NamespaceStateMachine.noSession(reclaim.session());
        }
        if (state.isRecovering() && reclaim.epoch() != state.epoch) {
            return refusal(state);
        }
        if (known == null) {
            Refused refused = remake(state, reclaim);
            if (refused != null) {
                return refused;
            }
        }
        List<Result.ReclaimedLease> leases = new ArrayList<>();
        for (SessionCommand.Held held : reclaim.held()) {
            leases.add(reclaim(step, new LeaseId(reclaim.session(), held.sequence()), held));
        }
        if (state.isRecovering()) {
            state.sessions.acknowledge(
                    new Request(reclaim.session(), 0, reclaim.mark(), List.of(), "", new SessionCommand.Heartbeat()));
            LeaseId session = new LeaseId(reclaim.session(), 0);
            if (!reclaim.more() && state.reclaimed.get(session) == null) {
                giveUpTheRest(step, reclaim);
                state.noteReclaimed(session, true);
            }
        }
        Session alive = SessionExecutor.keepAlive(state, SessionExecutor.require(state, reclaim.session()));
        return new Result.Reclaimed(alive.deadlineMillis(), leases);
    }

    /** A session that was forgotten comes back under its id, which nobody else has got: revisions have gone on. */
    private static @Nullable Refused remake(State state, SessionCommand.Reclaim reclaim) {
        if (state.sessions.get(reclaim.secret()) != null) {
            return new Refused(
                    ErrorCode.UNAUTHENTICATED, "that is the secret of another session than " + reclaim.session());
        }
        Refused full = SessionExecutor.refuseOneMore(state);
        if (full != null) {
            return full;
        }
        Session session = Session.opened(
                reclaim.session(), reclaim.secret(), reclaim.name(), reclaim.ttlMillis(), state.timeMillis);
        state.sessions.put(session);
        state.addDeadline(SessionExecutor.deadlineOf(session));
        state.noteTtl(reclaim.ttlMillis());
        return null;
    }

    private static Result.ReclaimedLease reclaim(Step step, LeaseId id, SessionCommand.Held held) {
        State state = step.state;
        Lease lease = state.locks.lease(id);
        if (lease == null && state.isRecovering() && state.reclaimed.get(id) == null) {
            lease = regrant(step, id, held);
        }
        if (lease == null || lease.token() != held.token().value()) {
            return new Result.ReclaimedLease(id.sequence(), false, 0);
        }
        if (state.isRecovering()) {
            state.noteReclaimed(id, true);
            lease = LockExecutor.renewed(state, lease, lease.ttlMillis());
        }
        return new Result.ReclaimedLease(id.sequence(), true, lease.deadlineMillis());
    }

    /**
     * Grants a lease that was forgotten anew, with the token it had. What is in its way and was not reclaimed was granted
     * before it, so it had ended by then: that end was forgotten, and takes place now. What was reclaimed stays: one of the
     * two clients claims what it does not hold. Null if it can't be granted.
     */
    private static @Nullable Lease regrant(Step step, LeaseId id, SessionCommand.Held held) {
        State state = step.state;
        LeaseCommand.Acquire asked = held.lease();
        Owner owner = held.owner().isEmpty()
                ? new Owner(id.session(), "", id.sequence())
                : new Owner(id.session(), held.owner(), 0);
        if (isKnownToHaveEnded(state, id)
                || held.token().value() > Revision.startOf(state.epoch)
                || LockExecutor.refuseToHoldMore(
                                state, id.session(), asked.targets().size())
                        != null
                || NamespaceExecutor.refuseToHold(state, asked.namespace()) != null) {
            return null;
        }
        List<Lease> inTheWay = state.locks.heldAgainst(asked.namespace(), asked.targets(), owner);
        for (Lease other : inTheWay) {
            if (isReclaimed(state, other.id()) || other.token() >= held.token().value()) {
                return null;
            }
        }
        state.sessions.forgetEnd(id.session(), id.sequence());
        WaitingRequest waiting = state.locks.waiting(id);
        if (waiting != null) {
            LockExecutor.withdraw(state, waiting); // that it was granted was forgotten
        }
        LockExecutor.endLeases(step, inTheWay, Cause.EXPIRED);
        NamespaceExecutor.createIfMissing(step, asked.namespace());
        return LockExecutor.regrant(step, id, asked, owner, held.token().value());
    }

    /** Whether it is remembered that a request was refused, or its lease ended otherwise than by running out. */
    private static boolean isKnownToHaveEnded(State state, LeaseId id) {
        Session session = SessionExecutor.require(state, id.session());
        if (session.answers().containsKey(id.sequence())) {
            return true;
        }
        Session.End end = session.ends().get(id.sequence());
        return end != null
                && !(end.result() instanceof Refused refused
                        && refused.detail().equals(new Detail.Ended(Cause.EXPIRED)));
    }

    /** That the client was done with these was forgotten. */
    private static void giveUpTheRest(Step step, SessionCommand.Reclaim reclaim) {
        State state = step.state;
        Set<Long> outstanding = new TreeSet<>(reclaim.outstanding());
        for (Lease lease : state.locks.leasesOf(reclaim.session())) {
            if (!isReclaimed(state, lease.id())
                    && !outstanding.contains(lease.id().sequence())) {
                LockExecutor.endLeases(step, List.of(lease), Cause.REQUEST);
                state.sessions.bury(reclaim.session(), lease.id().sequence());
            }
        }
        for (WaitingRequest waiting : state.locks.waitingOf(reclaim.session())) {
            if (!outstanding.contains(waiting.id().sequence())) {
                LockExecutor.withdraw(state, waiting);
                state.sessions.bury(reclaim.session(), waiting.id().sequence());
            }
        }
    }

    // ---- voters

    private static Result rejoined(State state, ClusterCommand.Rejoined command) {
        state.noteRejoined(command.voter(), new State.Rejoined(command.incarnation(), command.term()));
        if (state.rejoined.size() > REJOINED_MAX) {
            OrderedMap.Entry<String, State.Rejoined> oldest = null;
            for (OrderedMap.Entry<String, State.Rejoined> each : state.rejoined) {
                if (oldest == null || each.value().term() < oldest.value().term()) {
                    oldest = each;
                }
            }
            if (oldest != null) {
                state.forgetRejoined(oldest.key());
            }
        }
        return new Result.Done(new Revision(state.revision));
    }
}
