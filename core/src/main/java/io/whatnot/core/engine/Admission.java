package io.whatnot.core.engine;

import io.whatnot.core.model.LeaseCommand;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Target;
import io.whatnot.core.state.Rates;
import io.whatnot.core.state.State;
import io.whatnot.core.state.session.Session;
import io.whatnot.core.time.Scheduler;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the leader lets into the log, by the settings of rates. A request that exceeds one is refused with RATE_LIMITED and
 * the time after which the same one would be let in if nobody else came; it is not proposed, so surely not carried out.
 * A request for a lease counts once for the session it is of, the name that session was opened under, and each path it
 * asks for, whichever node it came by. It is taken from all buckets or, when refused, from none. One that has its answer
 * already, and is asked again because that got lost, counts nothing. What makes room is never refused.
 *
 * <p>Counts are this node's, and forgotten when it leads anew: a new leader begins with full buckets.
 */
final class Admission {
    private static final long IN_FLIGHT_AGAIN_MILLIS = 50;

    private final Scheduler scheduler;
    private final Buckets identities = new Buckets();
    private final Buckets sessions = new Buckets();
    private final Buckets paths = new Buckets();
    private Rates rates = Rates.NONE;
    private long term;
    /** How many requests of a session are under way, of those that have any while there is a limit. */
    private final Map<Long, Integer> inFlight = new ConcurrentHashMap<>();

    Admission(Scheduler scheduler) {
        this.scheduler = scheduler;
    }

    /**
     * Lets a request in, or refuses it.
     *
     * @param now the term that this node leads in
     * @param state as it is here
     * @param makesRoom whether it is never refused
     * @param sink who is told if it is refused
     * @param then what is done if it is not; its answer goes to who is handed over
     */
    void admit(
            long now, State state, Request request, boolean makesRoom, Answer.Sink sink, Consumer<Answer.Sink> then) {
        Rates limits = state.settings().rates();
        Session session = state.sessions().get(request.session());
        if (makesRoom || session == null || limits.equals(Rates.NONE)) {
            then.accept(sink);
            return;
        }
        int most = limits.sessionInFlightMax();
        if (most != 0 && inFlight.merge(session.id(), 1, Integer::sum) > most) {
            left(session.id());
            sink.answer(Answer.tryLater(
                    "session " + session.id() + " has " + most
                            + " requests under way, as many as the setting sessionInFlightMax allows",
                    IN_FLIGHT_AGAIN_MILLIS));
            return;
        }
        Answer.Sink counted = most == 0 ? sink : leaving(session.id(), sink);
        if (!limits.isUnlimited()
                && request.command() instanceof LeaseCommand.Acquire acquire
                && !isAnswered(state, request)) {
            Answer refusal = take(now, limits, session, acquire);
            if (refusal != null) {
                counted.answer(refusal);
                return;
            }
        }
        then.accept(counted);
    }

    private static boolean isAnswered(State state, Request request) {
        LeaseId id = new LeaseId(request.session(), request.sequence());
        return state.locks().lease(id) != null
                || state.locks().waiting(id) != null
                || state.sessions().answerTo(request) != null;
    }

    // ---- under way

    private Answer.Sink leaving(long session, Answer.Sink sink) {
        return new Answer.Sink() {
            @Override
            public void answer(Answer answer) {
                left(session);
                sink.answer(answer);
            }

            @Override
            public boolean isWanted() {
                return sink.isWanted();
            }
        };
    }

    private void left(long session) {
        inFlight.computeIfPresent(session, (same, count) -> count == 1 ? null : count - 1);
    }

    /** How many sessions have something under way that is counted. */
    int inFlightSessions() {
        return inFlight.size();
    }

    // ---- rates

    private synchronized @Nullable Answer take(long now, Rates limits, Session session, LeaseCommand.Acquire acquire) {
        if (now != term || !limits.equals(rates)) {
            term = now;
            rates = limits;
            identities.limit(limits.identityRate(), limits.identityBurst());
            sessions.limit(limits.sessionRate(), limits.sessionBurst());
            paths.limit(limits.pathRate(), limits.pathBurst());
        }
        long nanos = scheduler.nanoTime();
        String name = session.name();
        String id = Long.toString(session.id());
        List<String> places = acquire.targets().stream()
                .map(Target::path)
                .map(path -> acquire.namespace() + path)
                .toList();
        long identity = identities.waitNanos(name, nanos);
        long own = sessions.waitNanos(id, nanos);
        long path = places.stream()
                .mapToLong(place -> paths.waitNanos(place, nanos))
                .max()
                .orElse(0);
        long wait = Math.max(identity, Math.max(own, path));
        if (wait > 0) {
            return refusal(wait == identity ? name : null, wait == own ? id : null, acquire, wait);
        }
        identities.take(name, nanos);
        sessions.take(id, nanos);
        places.forEach(place -> paths.take(place, nanos));
        return null;
    }

    private static Answer refusal(
            @Nullable String identity, @Nullable String session, LeaseCommand.Acquire acquire, long waitNanos) {
        long millis = TimeUnit.NANOSECONDS.toMillis(waitNanos + 999_999);
        String whose = identity != null
                ? "clients named \"" + identity + "\" ask for leases faster than the setting identityRate allows"
                : session != null
                        ? "session " + session + " asks for leases faster than the setting sessionRate allows"
                        : "leases on " + acquire.targets() + " in namespace " + acquire.namespace()
                                + " are asked for faster than the setting pathRate allows";
        return Answer.tryLater(whose + "; ask again in " + millis + " ms", millis);
    }
}
