package io.whatnot.client.internal;

import io.whatnot.client.Outcome;
import io.whatnot.client.WhatnotException;
import io.whatnot.client.internal.ControlLine.Attaching;
import io.whatnot.client.internal.Guard.Afterwards;
import io.whatnot.client.internal.PendingCall.Answered;
import io.whatnot.core.model.Command;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Detail;
import io.whatnot.core.model.Result.Refused;
import io.whatnot.core.model.Revision;
import io.whatnot.core.protocol.CommonCodec;
import io.whatnot.core.protocol.RequestCodec;
import io.whatnot.core.protocol.ResultCodec;
import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.time.Scheduler;
import io.whatnot.core.wire.StreamFailure;
import io.whatnot.core.wire.Wire;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gets calls to some node and their answers back, until each has one or its time is up.
 *
 * <p>There is one line at a time ({@link Lines}). When there is another, every call without an answer is sent there again,
 * with the same sequence: the session makes sure that it takes effect once. A refusal that says to try later is tried
 * again later. When a call's time is up its handler is told what is known: that nothing was done, or that it is unknown;
 * in the latter case the call goes on, until the cluster says what became of it.
 */
final class RequestSender {
    private static final Logger LOG = LoggerFactory.getLogger(RequestSender.class);

    private static final long SWEEP_MILLIS = 100;
    private static final long RETRY_MILLIS_MIN = 10;
    private static final long RETRY_MILLIS_MAX = 320;
    /** Whatever a node says: some calls have no deadline, and would never be heard of again. */
    private static final long RETRY_AFTER_MILLIS_MAX = 60_000;
    /** The most calls under way: enough to keep a node busy. The others wait here, where heartbeats pass them. */
    private static final int UNDER_WAY_MAX = 200;

    private final Guard guard;
    private final Lines lines;
    private final Scheduler scheduler;
    private final SessionKeeper keeper;
    private final RandomGenerator random;

    private final Set<PendingCall> calls = new LinkedHashSet<>();
    /** To be sent as soon as they can be; not those that were told to come back later, until they do. */
    private final Set<PendingCall> waiting = new LinkedHashSet<>();
    /** Of those that wait the urgent ones, which are not counted. */
    private final Set<PendingCall> urgent = new LinkedHashSet<>();
    /** To be sent again after a while, or as soon as there is news of a leader: the node they were sent to knew none. */
    private final Set<PendingCall> leaderless = new LinkedHashSet<>();

    private long lastCallId;
    private boolean sweeping;
    private boolean closed;

    RequestSender(
            Guard guard,
            Wire wire,
            ClusterView view,
            Scheduler scheduler,
            ClientOptions options,
            SessionKeeper keeper,
            RandomGenerator random) {
        this.guard = guard;
        this.lines = new Lines(this, guard, wire, view, scheduler, options);
        this.scheduler = scheduler;
        this.keeper = keeper;
        this.random = random;
    }

    // ---- calls

    /** Takes a call on. */
    void submit(PendingCall call, Afterwards after) {
        if (closed) {
            call.handler.failed(
                    new WhatnotException(ErrorCode.UNAVAILABLE, Outcome.NOT_APPLIED, "the client is closed"), after);
            return;
        }
        calls.add(call);
        await(call);
        sweepLater();
        if (lines.current() == null) {
            lines.want(after);
        } else {
            sendIfPossible(call, after);
        }
    }

    private void await(PendingCall call) {
        (call.isUrgent() ? urgent : waiting).add(call);
    }

    /** Lets go of a call without telling anybody. */
    void drop(PendingCall call) {
        calls.remove(call);
        waiting.remove(call);
        urgent.remove(call);
        leaderless.remove(call);
        if (call.line != null) {
            call.line.calls.remove(call.callId);
        }
    }

    /** All calls that are of a session. */
    List<PendingCall> callsOf(ClientSession session) {
        return calls.stream().filter(call -> call.session == session).toList();
    }

    /** Sends whatever can be sent now: a session was opened or attached, or there is room again. */
    void sendWaiting(Afterwards after) {
        ControlLine to = lines.current();
        if (to == null || !to.open) {
            return;
        }
        List.copyOf(urgent).forEach(call -> sendIfPossible(call, after));
        List<V1.Call> messages = new ArrayList<>();
        // Those that can't be sent yet keep none from it that come behind them.
        for (Iterator<PendingCall> each = waiting.iterator(); each.hasNext() && to.calls.size() < UNDER_WAY_MAX; ) {
            PendingCall call = each.next();
            if (canBeSent(call, to, after)) {
                each.remove();
                messages.add(toSend(call, to));
            }
        }
        if (!messages.isEmpty()) {
            after.then(() -> to.send(messages));
        }
    }

    private void sendIfPossible(PendingCall call, Afterwards after) {
        ControlLine to = lines.current();
        if (to != null
                && to.open
                && (to.calls.size() < UNDER_WAY_MAX || call.isUrgent())
                && canBeSent(call, to, after)) {
            waiting.remove(call);
            urgent.remove(call);
            V1.Call message = toSend(call, to);
            after.then(() -> to.send(List.of(message)));
        }
    }

    /** Not if its session is not known at the other end yet; then that is seen to. */
    private boolean canBeSent(PendingCall call, ControlLine to, Afterwards after) {
        if (call.session == null) {
            return true;
        }
        if (call.session.reclaiming != null) {
            return false;
        }
        if (!to.attached.contains(call.session)) {
            attach(to, call.session, after);
            return false;
        }
        return true;
    }

    /** Puts a call under way on a line: what is to be sent there. */
    private V1.Call toSend(PendingCall call, ControlLine to) {
        call.line = to;
        call.callId = ++lastCallId;
        call.attempts++;
        call.sentNanos = scheduler.nanoTime();
        call.sentLeaseNanos = keeper.leaseNanos();
        to.calls.put(call.callId, call);
        return encode(call);
    }

    private static V1.Call encode(PendingCall call) {
        V1.Call.Builder message = V1.Call.newBuilder().setId(call.callId);
        if (call.read != null) {
            return message.setRead(call.read).build();
        }
        Command command = Objects.requireNonNull(call.command);
        ClientSession session = call.session;
        Request request = session == null
                ? new Request(0, 0, 0, List.of(), "", command)
                : new Request(session.id, call.sequence, session.mark(), session.endsToTell(call), call.owner, command);
        return message.setRequest(RequestCodec.encode(request)).build();
    }

    private void attach(ControlLine to, ClientSession session, Afterwards after) {
        if (session.id != 0 && to.attaching.values().stream().noneMatch(each -> each.session() == session)) {
            V1.Call call = attachCall(to, session);
            after.then(() -> to.send(List.of(call)));
        }
    }

    private V1.Call attachCall(ControlLine to, ClientSession session) {
        long id = ++lastCallId;
        to.attaching.put(id, new Attaching(session, scheduler.nanoTime()));
        return V1.Call.newBuilder()
                .setId(id)
                .setAttach(V1.Attach.newBuilder().setSession(session.id).setSecret(CommonCodec.encode(session.secret)))
                .build();
    }

    private void retryLater(PendingCall call, long millis, Afterwards after) {
        call.line = null;
        after.then(() -> scheduler.schedule(millis, () -> guard.run(then -> retry(call, then))));
    }

    private void retry(PendingCall call, Afterwards after) {
        leaderless.remove(call);
        if (calls.contains(call) && call.line == null) {
            await(call);
            sendIfPossible(call, after);
        }
    }

    /** There is news of a leader: those that were told to come back for want of one can be sent. */
    void retryLeaderless() {
        leaderless.forEach(this::await);
        leaderless.clear();
    }

    // ---- what comes back

    void received(ControlLine from, V1.ControlReply frame) {
        guard.run(after -> {
            if (from.over) {
                return;
            }
            from.heardNanos = scheduler.nanoTime();
            from.revision = Math.max(from.revision, frame.getRevision());
            if (!from.open) {
                lines.opened(from, after);
                if (from.over) { // it is not needed
                    return;
                }
            }
            if (frame.hasLeader()) {
                lines.leaderIs(from, frame.getLeader(), after);
            }
            long epoch = Revision.epochOf(frame.getRevision());
            keeper.epochSeen(epoch, after);
            frame.getAnswersList().forEach(answer -> answered(from, answer, frame.getRevision(), after));
            frame.getPushesList().forEach(push -> keeper.pushed(push, epoch, after));
            if (from == lines.current() && !(waiting.isEmpty() && urgent.isEmpty())) {
                sendWaiting(after);
            }
            lines.leaveIfItLags(from, after);
        });
    }

    private void answered(ControlLine from, V1.Answer answer, long revision, Afterwards after) {
        Attaching attaching = from.attaching.remove(answer.getId());
        if (attaching != null) {
            attachAnswered(from, attaching.session(), answer, after);
            return;
        }
        PendingCall call = from.calls.remove(answer.getId());
        if (call == null) {
            return;
        }
        call.line = null;
        Result result;
        try {
            result = ResultCodec.decode(answer.getResult());
        } catch (IllegalArgumentException e) {
            unreadable(call, from, e, after);
            return;
        }
        keeper.bound().note(call.sentLeaseNanos, answer.getTime(), revision);
        if (!(result instanceof Refused refused)) {
            lines.answered();
            finish(call, result, revision, from, after);
        } else if (refused.code().isRetryable()) {
            call.recovering = refused.code() == ErrorCode.RECOVERING;
            call.limited = refused.code() == ErrorCode.RATE_LIMITED ? refused : null;
            // Whoever answers that has done nothing, whether it came by the log or not.
            call.maybeProposed |= !answer.getNotProposed() && !call.recovering;
            lines.refused(from, refused, after);
            if (refused.code() == ErrorCode.UNAVAILABLE) {
                leaderless.add(call);
            }
            retryLater(call, delayMillis(call, refused), after);
        } else if (refused.code() == ErrorCode.UNAUTHENTICATED && answer.getNotProposed() && call.session != null) {
            from.attached.remove(call.session);
            retryLater(call, RETRY_MILLIS_MIN, after);
        } else if (refused.code() == ErrorCode.SESSION_EXPIRED && call.session != null) {
            keeper.sessionGone(call.session, refused, after);
        } else {
            finish(call, result, revision, from, after);
        }
    }

    /** There is an answer, so asking again would bring the same; but what it says only others know. */
    private void unreadable(PendingCall call, ControlLine from, IllegalArgumentException why, Afterwards after) {
        LOG.error("{} answered {} with what this version can't read", from.endpoint, call, why);
        drop(call);
        if (call.session != null) {
            call.session.answered(call);
        }
        call.maybeProposed = true;
        call.handler.failed(
                new WhatnotException(
                        ErrorCode.INTERNAL,
                        outcome(call),
                        "the answer of " + from.endpoint + " can't be read by this version: " + why.getMessage()),
                after);
    }

    private void finish(PendingCall call, Result result, long revision, ControlLine from, Afterwards after) {
        drop(call);
        if (call.session != null) {
            call.session.answered(call);
        }
        if (result instanceof Result.Opened opened) {
            keeper.opened(opened, Revision.epochOf(revision), call, from, after);
        }
        if (result instanceof Result.Reclaimed && call.handler instanceof Reclaiming reclaiming) {
            from.attached.add(reclaiming.session());
        }
        call.handler.answered(new Answered(result, Revision.epochOf(revision)), after);
    }

    private void attachAnswered(ControlLine from, ClientSession session, V1.Answer answer, Afterwards after) {
        if (answer.getResult().hasAttached()) {
            from.attached.add(session);
            keeper.attached(session, after);
            return;
        }
        Result result;
        try {
            result = ResultCodec.decode(answer.getResult());
        } catch (IllegalArgumentException e) {
            lines.lose(from, "its answer to an attachment can't be read by this version: " + e.getMessage(), after);
            return;
        }
        if (!(result instanceof Refused refused)) {
            lines.lose(from, "it answered an attachment with " + result, after);
        } else if (refused.code() == ErrorCode.RECOVERING && (session.over || session.reclaiming != null)) {
            // Being reclaimed it is attached to by that; nobody reclaims one that is to be closed.
            if (session.over) {
                keeper.sessionGone(session, refused, after);
            }
        } else if (refused.code().isRetryable()) {
            lines.lose(from, "it does not know the session yet: " + refused.message(), after);
        } else {
            keeper.sessionGone(session, refused, after);
        }
    }

    private long delayMillis(PendingCall call, Refused refused) {
        if (refused.detail() instanceof Detail.RetryAfter retryAfter) {
            long millis = Math.max(1, Math.min(retryAfter.millis(), RETRY_AFTER_MILLIS_MAX));
            // Not all at once who were told the same.
            return millis + random.nextLong(millis / 4 + 1);
        }
        long millis = RETRY_MILLIS_MIN << Math.min(call.attempts, 5);
        return millis / 2 + random.nextLong(Math.min(millis, RETRY_MILLIS_MAX));
    }

    /** What is to be sent first on a new line: that this client's sessions are attached to. */
    List<V1.Call> attachments(ControlLine to) {
        return keeper.sessions().stream()
                .filter(session -> session.reclaiming == null)
                .map(session -> attachCall(to, session))
                .toList();
    }

    /** What is under way on a line that is over is to be sent again elsewhere. */
    void takeBack(ControlLine from, Afterwards after) {
        for (PendingCall call : List.copyOf(from.calls.values())) {
            call.maybeProposed = true;
            call.line = null;
            await(call);
        }
        from.calls.clear();
        after.then(() -> guard.run(this::sendWaiting));
    }

    /** The leader has got to that revision. */
    void leaderIsAt(Revision revision, Afterwards after) {
        lines.leaderIsAt(revision, after);
    }

    /** Whether a line is of no use to anybody. */
    boolean isIdle() {
        return calls.isEmpty() && keeper.sessions().isEmpty();
    }

    void closed(ControlLine gone, StreamFailure why) {
        guard.run(after -> {
            if (gone.over) {
                return;
            }
            if (why.kind() == StreamFailure.Kind.REFUSED) {
                refused(gone, why, after);
            }
            lines.lose(gone, why.message(), after);
        });
    }

    /** The node will not talk to us, and none of its cluster will: nobody need wait for that to change. */
    private void refused(ControlLine gone, StreamFailure why, Afterwards after) {
        gone.open = false;
        for (PendingCall call : List.copyOf(calls)) {
            Outcome outcome = outcome(call);
            drop(call);
            if (call.session != null) {
                call.session.answered(call);
            }
            call.handler.failed(
                    new WhatnotException(
                            ErrorCode.UNAVAILABLE, outcome, gone.endpoint + " refuses this client: " + why.message()),
                    after);
        }
    }

    // ---- the clock

    /** Looks at the clock before long, and from then on while there is anything to look for. */
    void sweepLater() {
        if (!sweeping && !closed) {
            sweeping = true;
            scheduler.schedule(SWEEP_MILLIS, () -> guard.run(this::sweep));
        }
    }

    private void sweep(Afterwards after) {
        sweeping = false;
        long now = scheduler.nanoTime();
        for (PendingCall call : List.copyOf(calls)) {
            if (!call.givenUp && call.deadlineNanos != PendingCall.NO_DEADLINE && call.deadlineNanos - now <= 0) {
                giveUp(call, after);
            }
        }
        lines.look(after);
        if (!calls.isEmpty() || lines.isUnderWay()) {
            sweepLater();
        }
    }

    private void giveUp(PendingCall call, Afterwards after) {
        call.givenUp = true;
        Outcome outcome = outcome(call);
        boolean reached = lines.isReached();
        if (outcome == Outcome.NOT_APPLIED) {
            drop(call);
            if (call.session != null) {
                call.session.unanswered.remove(call.sequence);
            }
        }
        Refused limited = outcome == Outcome.NOT_APPLIED ? call.limited : null;
        if (limited != null) {
            call.handler.failed(
                    new WhatnotException(
                            ErrorCode.RATE_LIMITED,
                            outcome,
                            "the time of " + call + " was up after " + call.attempts + " attempts: "
                                    + limited.message(),
                            limited.detail()),
                    after);
            return;
        }
        call.handler.failed(
                new WhatnotException(
                        call.recovering
                                ? ErrorCode.RECOVERING
                                : reached && outcome == Outcome.UNKNOWN ? ErrorCode.TIMEOUT : ErrorCode.UNAVAILABLE,
                        outcome,
                        "no answer came in time to " + call + "; last heard: " + lines.lastHeard()),
                after);
    }

    /** What is known about a call that has no answer. */
    static Outcome outcome(PendingCall call) {
        boolean mayHaveBeenProposed = call.command != null && (call.maybeProposed || call.line != null);
        return mayHaveBeenProposed ? Outcome.UNKNOWN : Outcome.NOT_APPLIED;
    }

    /** Lets go of everything. */
    void close(Afterwards after) {
        closed = true;
        for (PendingCall call : List.copyOf(calls)) {
            drop(call);
            if (!call.givenUp) {
                call.handler.failed(
                        new WhatnotException(ErrorCode.UNAVAILABLE, outcome(call), "the client was closed"), after);
            }
        }
        lines.close(after);
    }
}
