package io.whatnot.core.testing;

import io.whatnot.core.model.Actor;
import io.whatnot.core.model.Cause;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Detail;
import io.whatnot.core.model.SessionCommand;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The sessions of the reference model. */
final class ReferenceSessions {
    final List<ReferenceSession> all = new ArrayList<>();
    private final ReferenceModel model;

    ReferenceSessions(ReferenceModel model) {
        this.model = model;
    }

    @Nullable
    ReferenceSession find(long id) {
        return all.stream().filter(session -> session.id == id).findFirst().orElse(null);
    }

    ReferenceSession require(long id) {
        ReferenceSession session = find(id);
        if (session == null) {
            throw new AssertionError("no session " + id);
        }
        return session;
    }

    Actor actor(long id) {
        return new Actor(require(id).name, id);
    }

    Result open(SessionCommand.Open open) {
        for (ReferenceSession session : all) {
            if (session.secret.equals(open.secret())) {
                return new Result.Opened(session.id, session.deadlineMillis);
            }
        }
        if (all.size() >= model.limits.sessionsMax()) {
            return ReferenceModel.refused(ErrorCode.RESOURCE_EXHAUSTED);
        }
        ReferenceSession session = new ReferenceSession(
                model.revision(), open.secret(), open.name(), open.ttlMillis(), model.now + open.ttlMillis());
        all.add(session);
        model.recovery.noteTtl(open.ttlMillis());
        return new Result.Opened(session.id, session.deadlineMillis);
    }

    /** Ends a session with all that it owns: ends first, deletions deepest first, then grants by arrival. */
    void end(ReferenceSession session, Cause cause) {
        model.revision();
        for (ReferenceLease lease : model.locks.leasesOf(session.id)) {
            model.locks.end(lease, cause);
        }
        model.locks.withdraw(request -> request.id().session() == session.id);
        model.elements.all.stream()
                .filter(element -> element.ephemeralSession() == session.id)
                .sorted(Comparator.comparing(
                                (ReferenceElement element) -> element.path().depth())
                        .reversed()
                        .thenComparing(ReferenceElement::namespace)
                        .thenComparing(ReferenceElement::path))
                .toList()
                .forEach(element -> model.elements.end(element, cause));
        all.remove(session);
        model.recovery.sessionEnded(session.id);
        model.push(
                new LeaseId(session.id, 0), ReferenceModel.refused(ErrorCode.SESSION_EXPIRED, new Detail.Ended(cause)));
        model.locks.grantAll();
    }

    /** How much a session owns: targets of leases and waiting requests, and ephemeral elements. */
    int owned(long session) {
        int targets = model.locks.leases.stream()
                .filter(lease -> lease.id().session() == session)
                .mapToInt(lease -> lease.targets().size())
                .sum();
        int awaited = model.locks.waiting.stream()
                .filter(request -> request.id().session() == session)
                .mapToInt(request -> request.targets().size())
                .sum();
        long ephemerals = model.elements.all.stream()
                .filter(element -> element.ephemeralSession() == session)
                .count();
        return targets + awaited + (int) ephemerals;
    }
}
