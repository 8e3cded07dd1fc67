package io.whatnot.core.state;

import io.whatnot.core.model.Actor;
import io.whatnot.core.model.Blocker;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Target;
import io.whatnot.core.state.lock.Lease;
import io.whatnot.core.state.lock.LockTrace;
import io.whatnot.core.state.lock.Locks;
import io.whatnot.core.state.lock.Owner;
import io.whatnot.core.state.lock.WaitingRequest;
import io.whatnot.core.state.session.Session;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;

/** The state as clients see it, where that takes more than one concern. */
final class Views {
    private Views() {}

    /** Those in the way of a request, the first few. */
    static List<Blocker> blockers(State state, WaitingRequest request, int max) {
        return state.locks.trace().obstacles(request, max).stream()
                .map(obstacle -> blocker(state, obstacle))
                .toList();
    }

    static Result.Detail.Wait wait(State state, Locks.Wait wait) {
        Target heldTarget = wait.target().isClaim()
                ? wait.held().targets().get(0)
                : wait.held().targets().stream()
                        .filter(target -> target.conflictsWith(wait.target()))
                        .findFirst()
                        .orElseThrow();
        return new Result.Detail.Wait(
                blocker(state, new LockTrace.Obstacle(null, wait.request(), wait.target())),
                blocker(state, new LockTrace.Obstacle(wait.held(), null, heldTarget)));
    }

    static Blocker blocker(State state, LockTrace.Obstacle obstacle) {
        Lease lease = obstacle.lease();
        if (lease != null) {
            Session session = SessionExecutor.require(state, lease.id().session());
            long ends = lease.deadlineMillis() == 0
                    ? session.deadlineMillis()
                    : Math.min(lease.deadlineMillis(), session.deadlineMillis());
            return blocker(state, lease.id(), false, obstacle, lease.owner(), lease.label(), lease.sinceMillis(), ends);
        }
        WaitingRequest request = Objects.requireNonNull(obstacle.request());
        return blocker(
                state,
                request.id(),
                true,
                obstacle,
                request.owner(),
                request.label(),
                request.sinceMillis(),
                request.deadlineMillis());
    }

    /** A waiting request, its place in line, and the first few in its way. */
    static Result.Waiting waiting(State state, LockTrace.Obstacle obstacle) {
        WaitingRequest request = Objects.requireNonNull(obstacle.request());
        return new Result.Waiting(
                blocker(state, obstacle),
                state.locks.trace().position(request),
                blockers(state, request, LockExecutor.BLOCKERS_SHOWN));
    }

    /** Leases, as many as there may be and fit into an answer. */
    static List<Blocker> held(State state, List<LockTrace.Obstacle> leases, int max) {
        List<Blocker> told = new ArrayList<>();
        AnswerRoom room = new AnswerRoom(max);
        for (Iterator<LockTrace.Obstacle> rest = leases.iterator(); rest.hasNext() && room.isLeft(); ) {
            Blocker blocker = blocker(state, rest.next());
            told.add(blocker);
            room.take(AnswerRoom.bytes(blocker));
        }
        return told;
    }

    /** Waiting requests, as many as there may be and fit into an answer. */
    static List<Result.Waiting> waiting(State state, List<LockTrace.Obstacle> requests, int max) {
        List<Result.Waiting> told = new ArrayList<>();
        AnswerRoom room = new AnswerRoom(max);
        for (Iterator<LockTrace.Obstacle> rest = requests.iterator(); rest.hasNext() && room.isLeft(); ) {
            Result.Waiting waiting = waiting(state, rest.next());
            told.add(waiting);
            room.take(AnswerRoom.bytes(waiting));
        }
        return told;
    }

    private static Blocker blocker(
            State state,
            LeaseId id,
            boolean waiting,
            LockTrace.Obstacle obstacle,
            Owner owner,
            String label,
            long sinceMillis,
            long endsMillis) {
        return new Blocker(
                id,
                waiting,
                obstacle.target(),
                actor(state, id.session()),
                owner.label(),
                label,
                sinceMillis,
                Math.max(0, endsMillis - state.timeMillis)); // what is due as well may fire after this
    }

    static Actor actor(State state, long session) {
        return SessionExecutor.require(state, session).actor();
    }
}
