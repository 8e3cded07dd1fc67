package io.whatnot.core.state;

import io.whatnot.core.model.Cause;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Detail;
import io.whatnot.core.model.Result.Refused;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.SessionCommand;
import io.whatnot.core.state.lock.Grants;
import io.whatnot.core.state.lock.Lease;
import io.whatnot.core.state.lock.WaitingRequest;
import io.whatnot.core.state.session.Session;
import io.whatnot.core.state.session.Session.Ephemeral;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Sessions: how they are opened, kept alive and ended, and what ends with them. */
final class SessionExecutor {
    private SessionExecutor() {}

    static Result execute(Step step, Request request, SessionCommand command) {
        if (command instanceof SessionCommand.Open open) {
            return open(step, open);
        }
        if (command instanceof SessionCommand.Reclaim reclaim) {
            return Recovery.reclaim(step, reclaim);
        }
        if (command instanceof SessionCommand.Heartbeat) {
            return heartbeat(step.state, request.session());
        }
        if (command instanceof SessionCommand.Close) {
            end(step, require(step.state, request.session()), Cause.SESSION_ENDED);
            return new Result.Done(new Revision(step.revision()));
        }
        throw new AssertionError(command);
    }

    private static Result open(Step step, SessionCommand.Open open) {
        State state = step.state;
        Session known = state.sessions.get(open.secret());
        if (known != null) {
            return new Result.Opened(known.id(), known.deadlineMillis());
        }
        Refused full = refuseOneMore(state);
        if (full != null) {
            return full;
        }
        Session session = Session.opened(
                step.revision(), open.secret(), open.name(), open.ttlMillis(), step.now() + open.ttlMillis());
        state.sessions.put(session);
        state.addDeadline(deadlineOf(session));
        state.noteTtl(open.ttlMillis());
        return new Result.Opened(session.id(), session.deadlineMillis());
    }

    static @Nullable Refused refuseOneMore(State state) {
        Refused full = state.refuseGrowth();
        if (full == null && state.sessions.count() >= state.settings.sessionsMax()) {
            return new Refused(
                    ErrorCode.RESOURCE_EXHAUSTED,
                    "there are " + state.sessions.count() + " sessions, as many as may; close some, or raise the"
                            + " setting sessionsMax");
        }
        return full;
    }

    private static Result heartbeat(State state, long id) {
        return new Result.Alive(keepAlive(state, require(state, id)).deadlineMillis(), new Revision(state.revision));
    }

    /** Moves a session's deadline to its ttl from now. */
    static Session keepAlive(State state, Session session) {
        Session alive = session.withDeadline(Recovery.deadlineMillis(state, session));
        state.removeDeadline(deadlineOf(session));
        state.addDeadline(deadlineOf(alive));
        state.sessions.put(alive);
        return alive;
    }

    /** A session has run out. */
    static void expire(Step step, long id) {
        end(step, require(step.state, id), Cause.SESSION_ENDED);
    }

    /**
     * Ends a session and all that it owns, in one revision: its leases, its waiting requests, its ephemeral elements,
     * deepest first, itself; then grants to those in line what became free.
     */
    static void end(Step step, Session session, Cause cause) {
        State state = step.state;
        step.revision();
        List<Grants.Freed> freed = new ArrayList<>();
        // First what waits: as long as its owner does, each end of a lease looks at all that the owner holds.
        for (WaitingRequest waiting : state.locks.waitingOf(session.id())) {
            freed.addAll(LockExecutor.withdraw(state, waiting));
        }
        for (Lease lease : state.locks.leasesOf(session.id())) {
            freed.addAll(LockExecutor.endLease(step, lease, cause));
        }
        List<Ephemeral> ephemerals = new ArrayList<>();
        session.ephemerals().forEach(ephemeral -> ephemerals.add(ephemeral.key()));
        for (Ephemeral ephemeral : ephemerals) {
            ElementExecutor.end(step, ephemeral.namespace(), ephemeral.path(), cause);
        }
        Session last = require(state, session.id());
        state.removeDeadline(deadlineOf(last));
        state.sessions.remove(last);
        Recovery.sessionEnded(state, session.id());
        step.push(
                new LeaseId(session.id(), 0),
                new Refused(ErrorCode.SESSION_EXPIRED, "session " + session.id() + " ended", new Detail.Ended(cause)));
        LockExecutor.grantAll(step, state.locks.grantsAfter(freed));
    }

    static Session require(State state, long id) {
        Session session = state.sessions.get(id);
        if (session == null) {
            throw new IllegalStateException("no session " + id);
        }
        return session;
    }

    static Deadline deadlineOf(Session session) {
        return Deadline.ofSession(session.deadlineMillis(), session.id());
    }
}
