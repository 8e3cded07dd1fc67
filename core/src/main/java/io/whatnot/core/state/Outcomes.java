package io.whatnot.core.state;

import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Result.Refused;
import io.whatnot.core.state.lock.Lease;
import io.whatnot.core.state.lock.WaitingRequest;
import io.whatnot.core.state.map.OrderedMap;
import io.whatnot.core.state.session.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** What has become of everything a session asked for, for a client that may have missed being told. */
public final class Outcomes {
    private Outcomes() {}

    /** One push for each lease, waiting request and unacknowledged end; or one that the session has ended. */
    public static List<Applied.Push> of(State state, long id) {
        Session session = state.sessions.get(id);
        if (session == null) {
            return List.of(new Applied.Push(
                    new LeaseId(id, 0), new Refused(ErrorCode.SESSION_EXPIRED, "session " + id + " has ended")));
        }
        List<Applied.Push> outcomes = new ArrayList<>();
        for (Lease lease : state.locks.leasesOf(id)) {
            if (Recovery.isUsable(state, lease.id())) {
                outcomes.add(push(state, lease.id()));
            }
        }
        for (WaitingRequest waiting : state.locks.waitingOf(id)) {
            outcomes.add(push(state, waiting.id()));
        }
        for (OrderedMap.Entry<Long, Session.End> end : session.ends()) {
            if (!end.value().tombstone()) {
                outcomes.add(
                        new Applied.Push(new LeaseId(id, end.key()), end.value().result()));
            }
        }
        return outcomes;
    }

    private static Applied.Push push(State state, LeaseId id) {
        return new Applied.Push(id, Objects.requireNonNull(LockExecutor.answerTo(state, id)));
    }
}
