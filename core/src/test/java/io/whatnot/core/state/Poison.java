package io.whatnot.core.state;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Entry;
import io.whatnot.core.model.LeaseCommand;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Secret;
import io.whatnot.core.model.SessionCommand;
import io.whatnot.core.model.Target;
import io.whatnot.core.state.map.OrderedMap;
import io.whatnot.core.state.session.Session;
import java.util.List;

/**
 * Bugs for those who need some: sessions whose end throws, for they are said to own an ephemeral element that is not
 * there; but only after it has ended a lease and told of it.
 */
public final class Poison {
    private static final String NAME = "poisoned";
    private static final AbsolutePath NOT_THERE = AbsolutePath.parse("/not/there");

    private Poison() {}

    /** Whether it is such a session. */
    public static boolean isPoisoned(Session session) {
        return session.name().equals(NAME);
    }

    /**
     * A state with one such session for each ttl, each of which holds a lease on {@code /poison-} and its ttl.
     *
     * @param namespace where the leases are
     */
    public static State found(String namespace, long... ttls) {
        NamespaceStateMachine machine = new NamespaceStateMachine();
        for (long ttl : ttls) {
            Result opened =
                    send(machine, new Request(0, 0, 0, List.of(), "", new SessionCommand.Open(secret(ttl), ttl, NAME)));
            long session = ((Result.Opened) opened).session();
            LeaseCommand.Acquire acquire =
                    new LeaseCommand.Acquire(namespace, List.of(Target.element("/poison-" + ttl)), 0, 0, "");
            send(machine, new Request(session, 1, 1, List.of(), "", acquire));
        }
        return plant(machine.state());
    }

    /** What lets somebody attach to the session with that ttl. */
    public static Secret secret(long ttl) {
        return new Secret(77, ttl);
    }

    private static Result send(NamespaceStateMachine machine, Request request) {
        return machine.apply(new Entry(0, List.of(request))).results().get(0);
    }

    /** The same state, with what images don't keep: that such sessions are what they are. */
    public static State plant(State state) {
        State draft = state.edit();
        for (OrderedMap.Entry<Long, Session> each : state.sessions().all()) {
            Session session = each.value();
            boolean[] planted = {false};
            session.ephemerals()
                    .forEach(ephemeral -> planted[0] |= ephemeral.key().path().equals(NOT_THERE));
            if (isPoisoned(session) && !planted[0]) {
                draft.sessions.addEphemeral(session.id(), "n", NOT_THERE);
            }
        }
        return draft.publish();
    }
}
