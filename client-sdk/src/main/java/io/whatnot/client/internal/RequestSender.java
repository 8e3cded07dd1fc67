package io.whatnot.client.internal;

import io.whatnot.client.Outcome;
import io.whatnot.client.WhatnotException;
import io.whatnot.client.internal.ControlLine.Attaching;
import io.whatnot.client.internal.Guard.Afterwards;
import io.whatnot.client.internal.PendingCall.Answered;
import io.whatnot.client.internal.PendingCall.Handler;
import io.whatnot.core.model.Command;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Query;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Detail;
import io.whatnot.core.model.Result.Refused;
import io.whatnot.core.model.Revision;
import io.whatnot.core.protocol.CommonCodec;
import io.whatnot.core.protocol.QueryCodec;
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
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gets calls to some node and their answers back, until each has one or its time is up.
 *
 * <p>There is one line at a time, to the leader where it is known and can be reached. When the line breaks the next node is
 * tried and every call without an answer is sent there again, with the same sequence: the session makes sure that it takes
 * effect once. When the line is silent another is opened besides, and it is left only if it is still silent by then: it may
 * be this process that is slow to hear, and sending everything again would make all slower. A refusal that says to try later is tried again later. When a call's
 * time is up its handler is told what is known: that nothing was done, or that it is unknown; in the latter case the
 * call goes on, until the cluster says what became of it.
 */
final class RequestSender {
    private static final Logger LOG = LoggerFactory.getLogger(RequestSender.class);

    private static final long SWEEP_MILLIS = 100;
    /** How long a node may take to answer at all. */
    private static final long CONNECT_NANOS = TimeUnit.SECONDS.toNanos(2);
    /** How long a line may be silent while a call is under way. */
    private static final long SILENT_NANOS = TimeUnit.MILLISECONDS.toNanos(1_500);
    /** How long a node may go on saying that it can't reach the leader before another is tried. */
    private static final long LEADERLESS_NANOS = TimeUnit.SECONDS.toNanos(2);

    private static final long RETRY_MILLIS_MIN = 10;
    private static final long RETRY_MILLIS_MAX = 320;
    /** Whatever a node says: some calls have no deadline, and would never be heard of again. */
    private static final long RETRY_AFTER_MILLIS_MAX = 60_000;
    /** The most calls under way: enough to keep a node busy. The others wait here, where heartbeats and releases pass them. */
    private static final int UNDER_WAY_MAX = 200;

    private final Guard guard;
    private final Wire wire;
    private final ClusterView view;
    private final Scheduler scheduler;
    private final ClientOptions options;
    private final SessionKeeper keeper;
    private final RandomGenerator random;

    private final Set<PendingCall> calls = new LinkedHashSet<>();
    /** To be sent as soon as they can be; not those that were told to come back later, until they do. */
    private final Set<PendingCall> waiting = new LinkedHashSet<>();
    /** Of those that wait the urgent ones, which are not counted. */
    private final Set<PendingCall> urgent = new LinkedHashSet<>();
    /** To be sent again after a while, or as soon as there is news of a leader: the node they were sent to knew none. */
    private final Set<PendingCall> leaderless = new LinkedHashSet<>();

    private @Nullable ControlLine line;
    /** On its way to become the line: for the leader is there, or in case that the line is not only slow. */
    private @Nullable ControlLine candidate;

    private long lastCallId;
    private int failures;
    private long leaderlessSinceNanos;
    private String lastFailure = "no node was tried yet";
    private boolean connecting;
    private boolean sweeping;
    private boolean askingHowFar;
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
        this.wire = wire;
        this.view = view;
        this.scheduler = scheduler;
        this.options = options;
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
        if (line == null) {
            connectLater(after);
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
        ControlLine to = line;
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
        ControlLine to = line;
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

    /** Those that were told to come back for want of a leader can be sent now. */
    private void retryLeaderless() {
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
                opened(from, after);
            }
            if (frame.hasLeader()) {
                leaderIs(from, frame.getLeader(), after);
            }
            long epoch = Revision.epochOf(frame.getRevision());
            keeper.epochSeen(epoch, after);
            frame.getAnswersList().forEach(answer -> answered(from, answer, frame.getRevision(), after));
            frame.getPushesList().forEach(push -> keeper.pushed(push, epoch, after));
            if (from == line && !(waiting.isEmpty() && urgent.isEmpty())) {
                sendWaiting(after);
            }
            leaveIfItLags(from, after);
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
            leaderlessSinceNanos = 0;
            finish(call, result, revision, from, after);
        } else if (refused.code().isRetryable()) {
            call.recovering = refused.code() == ErrorCode.RECOVERING;
            call.limited = refused.code() == ErrorCode.RATE_LIMITED ? refused : null;
            // Whoever answers that has done nothing, whether it came by the log or not.
            call.maybeProposed |= !answer.getNotProposed() && !call.recovering;
            noteLeaderless(from, refused, after);
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
            lose(from, "its answer to an attachment can't be read by this version: " + e.getMessage(), after);
            return;
        }
        if (!(result instanceof Refused refused)) {
            lose(from, "it answered an attachment with " + result, after);
        } else if (refused.code() == ErrorCode.RECOVERING && (session.over || session.reclaiming != null)) {
            // Being reclaimed it is attached to by that; nobody reclaims one that is to be closed.
            if (session.over) {
                keeper.sessionGone(session, refused, after);
            }
        } else if (refused.code().isRetryable()) {
            lose(from, "it does not know the session yet: " + refused.message(), after);
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

    private void noteLeaderless(ControlLine from, Refused refused, Afterwards after) {
        lastFailure = refused.message();
        if (refused.code() != ErrorCode.UNAVAILABLE) {
            return;
        }
        long now = scheduler.nanoTime();
        if (leaderlessSinceNanos == 0) {
            leaderlessSinceNanos = now;
        } else if (now - leaderlessSinceNanos > LEADERLESS_NANOS && from == line) {
            leaderlessSinceNanos = 0;
            lose(from, refused.message(), after);
        }
    }

    // ---- lines

    private void leaderIs(ControlLine from, V1.Leader leader, Afterwards after) {
        if (!options.followLeader()) {
            return;
        }
        view.membersAre(leader.getMembersList());
        view.leaderIs(leader.getEndpoint().isEmpty() ? null : leader.getEndpoint());
        if (from != line) {
            return;
        }
        if (!leader.getEndpoint().isEmpty()) {
            retryLeaderless();
        }
        if (candidate != null && candidate.endpoint.equals(leader.getEndpoint())) {
            candidate.spare = false;
        } else if (candidate != null) {
            dismiss(candidate, after);
            candidate = null;
        }
        boolean elsewhere = !leader.getHere()
                && !leader.getEndpoint().isEmpty()
                && !leader.getEndpoint().equals(from.endpoint);
        if (elsewhere && candidate == null && !view.isAvoided(leader.getEndpoint(), scheduler.nanoTime())) {
            candidate = connect(leader.getEndpoint(), after);
        }
    }

    /** Looks for a line, or for a spare one if there is a line that is silent. */
    private void connectLater(Afterwards after) {
        if (connecting || closed) {
            return;
        }
        connecting = true;
        long millis = failures == 0 ? 0 : Math.min(1_000, 20L << Math.min(failures, 6));
        if (millis == 0) {
            after.then(() -> guard.run(this::connectNow));
        } else {
            after.then(() -> scheduler.schedule(millis, () -> guard.run(this::connectNow)));
        }
    }

    private void connectNow(Afterwards after) {
        connecting = false;
        long now = scheduler.nanoTime();
        if (closed || candidate != null) {
            return;
        }
        if (line == null) {
            line = connect(view.forCommands(now), after);
        } else if (isSilent(line, now)) {
            view.failed(line.endpoint, now);
            lastFailure = line.endpoint
                    + (line.open ? ": it has not answered for a while" : ": it could not be reached in time");
            LOG.debug("{}; trying another", lastFailure);
            candidate = connect(view.forCommands(now), after);
            // At one and the same node what is pushed goes to the stream that attached last.
            candidate.spare = !candidate.endpoint.equals(line.endpoint);
        }
    }

    private ControlLine connect(String endpoint, Afterwards after) {
        LOG.debug("connecting to {}", endpoint);
        ControlLine to = new ControlLine(this, endpoint, scheduler.nanoTime());
        List<V1.Call> attachments = keeper.sessions().stream()
                .filter(session -> session.reclaiming == null)
                .map(session -> attachCall(to, session))
                .toList();
        V1.Hello hello = V1.Hello.newBuilder()
                .setClient(options.name())
                .setCluster(options.cluster())
                .build();
        after.then(() -> to.start(wire, hello, attachments));
        sweepLater();
        return to;
    }

    private void opened(ControlLine now, Afterwards after) {
        now.open = true;
        failures = 0;
        view.answered(now.endpoint);
        LOG.debug("connected to {}", now.endpoint);
        ControlLine old = line;
        if (now != candidate || old == null) {
            return;
        }
        candidate = null;
        if (now.spare && !isSilent(old, scheduler.nanoTime())) {
            view.answered(old.endpoint);
            dismiss(now, after); // it was slow, or we were
            return;
        }
        line = now;
        retryLeaderless();
        dismiss(old, after);
    }

    // ---- nodes that lag

    /** The leader has got to that revision; is the node at the other end there in a second, too? */
    void leaderIsAt(Revision revision, Afterwards after) {
        view.leaderIsAt(revision.value(), scheduler.nanoTime());
        if (line != null && !view.isCurrent(line.revision) && !askingHowFar) {
            askingHowFar = true;
            long millis = TimeUnit.NANOSECONDS.toMillis(KnownRevisions.LAG_NANOS_MAX) + 1;
            after.then(() -> scheduler.schedule(millis, () -> guard.run(this::askHowFar)));
        }
    }

    /** Any answer tells how far the node is; unless one has come meanwhile, a read that costs little is asked for one. */
    private void askHowFar(Afterwards after) {
        askingHowFar = false;
        if (closed || line == null || view.isCurrent(line.revision)) {
            return;
        }
        V1.Read.Builder read = V1.Read.newBuilder().setConsistency(V1.Consistency.CONSISTENCY_NODE);
        QueryCodec.put(read, new Query.Settings());
        long deadline = scheduler.nanoTime() + TimeUnit.MILLISECONDS.toNanos(options.requestMillis());
        submit(new PendingCall(read.build(), deadline, HOW_FAR), after);
    }

    /** What is wanted is in the frame, not in the answer; and a node that gives none is left for being silent. */
    private static final Handler HOW_FAR = new Handler() {
        @Override
        public void answered(Answered answer, Afterwards after) {}

        @Override
        public void failed(WhatnotException why, Afterwards after) {}
    };

    /** Goes to another node, if there is one, once that is open. */
    private void leaveIfItLags(ControlLine from, Afterwards after) {
        long now = scheduler.nanoTime();
        if (from != line || candidate != null || !view.lagsAt(from.endpoint, from.revision, now)) {
            return;
        }
        List<String> others = view.good(now);
        if (!others.isEmpty()) {
            LOG.info("{} lags by more than a second; going on at {}", from.endpoint, others.get(0));
            candidate = connect(others.get(0), after);
        }
    }

    /** Turns away from a line; what is under way there is sent again elsewhere. */
    private void dismiss(ControlLine old, Afterwards after) {
        old.over = true;
        for (PendingCall call : List.copyOf(old.calls.values())) {
            call.maybeProposed = true;
            call.line = null;
            await(call);
        }
        old.calls.clear();
        after.then(() -> old.fail("it is not needed any more"));
        after.then(() -> guard.run(this::sendWaiting));
    }

    void closed(ControlLine gone, StreamFailure why) {
        guard.run(after -> {
            if (gone.over) {
                return;
            }
            if (why.kind() == StreamFailure.Kind.REFUSED) {
                refused(gone, why, after);
            }
            lose(gone, why.message(), after);
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

    private void lose(ControlLine gone, String why, Afterwards after) {
        LOG.debug("lost {}: {}", gone.endpoint, why);
        lastFailure = gone.endpoint + ": " + why;
        view.failed(gone.endpoint, scheduler.nanoTime());
        dismiss(gone, after);
        if (gone == candidate) {
            candidate = null;
            failures++;
        } else if (gone == line) {
            failures++;
            line = candidate;
            candidate = null;
            if (line == null && !(calls.isEmpty() && keeper.sessions().isEmpty())) {
                connectLater(after);
            }
        }
    }

    // ---- the clock

    private void sweepLater() {
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
        ControlLine slow = candidate;
        if (slow != null && isSilent(slow, now)) {
            String silent = "it could not be reached in time";
            after.then(() -> slow.fail(silent));
            lose(slow, silent, after);
        }
        if (line != null && candidate == null && isSilent(line, now)) {
            connectLater(after);
        }
        if (!calls.isEmpty() || candidate != null || (line != null && (!line.open || !line.attaching.isEmpty()))) {
            sweepLater();
        }
    }

    private static boolean isSilent(ControlLine line, long now) {
        if (!line.open) {
            return now - line.openedNanos > CONNECT_NANOS;
        }
        // Without an answer to that nothing of the session's would ever be sent.
        if (line.attaching.values().stream().anyMatch(each -> now - each.sentNanos() > CONNECT_NANOS)) {
            return true;
        }
        return now - line.heardNanos > SILENT_NANOS
                && line.calls.values().stream().anyMatch(call -> now - call.sentNanos > SILENT_NANOS);
    }

    private void giveUp(PendingCall call, Afterwards after) {
        call.givenUp = true;
        Outcome outcome = outcome(call);
        boolean reached = line != null && line.open && !isSilent(line, scheduler.nanoTime());
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
                        "no answer came in time to " + call + "; last heard: "
                                + lastFailure
                                + (line != null && !line.open ? "; " + line.endpoint + " has not answered yet" : "")),
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
        for (ControlLine each : new ControlLine[] {candidate, line}) {
            if (each != null) {
                each.over = true;
                after.then(() -> each.fail("the client is closed"));
            }
        }
        line = null;
        candidate = null;
    }
}
