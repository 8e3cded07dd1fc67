package io.whatnot.core.state;

import io.whatnot.core.model.Query;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Revision;
import io.whatnot.core.state.lock.Lease;
import io.whatnot.core.state.lock.LockTrace;
import io.whatnot.core.state.lock.WaitingRequest;
import io.whatnot.core.state.session.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Supplier;

/** What a session holds and waits for, in all namespaces, in pages. */
final class SessionTraces {
    private SessionTraces() {}

    static Result of(State state, Query.SessionTrace query) {
        Session session = state.sessions.get(query.session());
        if (session == null) {
            return AdminExecutor.noSuchSession(query.session());
        }
        TreeMap<Long, Supplier<Result.Traced>> rest = new TreeMap<>();
        for (Lease lease : state.locks.leasesOf(session.id())) {
            rest.put(lease.id().sequence(), () -> traced(state, lease));
        }
        for (WaitingRequest waiting : state.locks.waitingOf(session.id())) {
            rest.put(waiting.id().sequence(), () -> traced(state, waiting));
        }
        rest.headMap(query.after(), true).clear();
        List<Result.Traced> page = new ArrayList<>();
        AnswerRoom room = new AnswerRoom(query.limit());
        while (!rest.isEmpty() && room.isLeft()) {
            Result.Traced traced = rest.pollFirstEntry().getValue().get();
            page.add(traced);
            room.take(AnswerRoom.bytes(traced));
        }
        return new Result.SessionTrace(
                new Revision(state.revision),
                session.actor(),
                session.ttlMillis(),
                Math.max(0, session.deadlineMillis() - state.timeMillis),
                page,
                !rest.isEmpty());
    }

    private static Result.Traced traced(State state, Lease lease) {
        LockTrace.Obstacle held =
                new LockTrace.Obstacle(lease, null, lease.targets().get(0));
        return new Result.Traced(lease.namespace(), lease.targets(), Views.blocker(state, held), 0, List.of());
    }

    private static Result.Traced traced(State state, WaitingRequest request) {
        Result.Waiting waiting = Views.waiting(
                state, new LockTrace.Obstacle(null, request, request.targets().get(0)));
        return new Result.Traced(
                request.namespace(), request.targets(), waiting.request(), waiting.position(), waiting.blockers());
    }
}
