package io.whatnot.client.internal;

import io.whatnot.client.LossReason;
import io.whatnot.client.Outcome;
import io.whatnot.client.Recovered;
import io.whatnot.client.WhatnotException;
import io.whatnot.client.internal.Guard.Afterwards;
import io.whatnot.client.internal.PendingCall.Answered;
import io.whatnot.client.internal.PendingCall.Handler;
import io.whatnot.client.internal.TimeBound.Deadline;
import io.whatnot.core.model.Command;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.LeaseCommand;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Refused;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Secret;
import io.whatnot.core.model.SessionCommand;
import io.whatnot.core.protocol.ResultCodec;
import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.time.Scheduler;
import io.whatnot.core.wire.Wire;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The client's session: opened when it is first needed, kept alive by a heartbeat at a third of its ttl, and given up by
 * this client's own clock before the cluster may have ended it. A session that was given up never gets a heartbeat
 * again, only an order to close; the next command opens another.
 */
final class SessionKeeper {
    private static final Logger LOG = LoggerFactory.getLogger(SessionKeeper.class);

    /** How often the clocks are looked at, whoever asks or not. */
    private static final long LOOK_MILLIS = 500;

    private final Guard guard;
    private final Scheduler scheduler;
    private final ClientOptions options;
    private final LeaseClock leaseClock;
    private final TimeBound bound;
    private final RequestSender sender;
    private final Executor callbacks;
    private final RandomGenerator random;
    private @Nullable ClientSession current;
    /** Given up, and to be closed. */
    private final List<ClientSession> closing = new ArrayList<>();

    SessionKeeper(
            Guard guard,
            Wire wire,
            ClusterView view,
            Scheduler scheduler,
            InstantSource wallClock,
            ClientOptions options,
            Executor callbacks,
            RandomGenerator random) {
        this.callbacks = callbacks;
        this.random = random;
        this.guard = guard;
        this.scheduler = scheduler;
        this.options = options;
        this.leaseClock = new LeaseClock(scheduler, wallClock, this::clockJumped);
        this.bound = new TimeBound(options.drift());
        this.sender = new RequestSender(guard, wire, view, scheduler, options, this, random);
    }

    RequestSender sender() {
        return sender;
    }

    TimeBound bound() {
        return bound;
    }

    /** When a request that is made now is to have its answer. */
    long requestDeadline() {
        return scheduler.nanoTime() + TimeUnit.MILLISECONDS.toNanos(options.requestMillis());
    }

    long nanoTime() {
        return scheduler.nanoTime();
    }

    /** What all that {@link #bound} tells is to be compared with. Needs no guard. */
    long leaseNanos() {
        return leaseClock.nanoTime();
    }

    Scheduler scheduler() {
        return scheduler;
    }

    Guard guard() {
        return guard;
    }

    /** Where users' code runs. */
    Executor callbacks() {
        return callbacks;
    }

    /** The sessions that a new line is to be attached to. */
    List<ClientSession> sessions() {
        List<ClientSession> sessions = new ArrayList<>(closing);
        if (current != null && current.id != 0) {
            sessions.add(current);
        }
        return sessions;
    }

    // ---- commands

    /** The session that commands go into: opened if there is none. */
    ClientSession session(Afterwards after) {
        ClientSession session = current;
        if (session == null) {
            session = new ClientSession(new Secret(random.nextLong(), random.nextLong()));
            current = session;
            open(session, after);
        }
        return session;
    }

    /** Sends a command in the present session; should that turn out to have ended before, in the next one. */
    PendingCall send(String owner, Command command, long deadlineNanos, Handler handler, Afterwards after) {
        return send(session(after), owner, command, false, deadlineNanos, handler, after);
    }

    /** Sends a command that makes sense in that session alone. */
    PendingCall sendIn(
            ClientSession session,
            String owner,
            Command command,
            long deadlineNanos,
            Handler handler,
            Afterwards after) {
        return send(session, owner, command, true, deadlineNanos, handler, after);
    }

    private PendingCall send(
            ClientSession session,
            String owner,
            Command command,
            boolean bound,
            long deadlineNanos,
            Handler handler,
            Afterwards after) {
        PendingCall call =
                new PendingCall(session, session.nextSequence(), owner, command, bound, deadlineNanos, handler);
        sender.submit(call, after);
        return call;
    }

    // ---- its life

    private void open(ClientSession session, Afterwards after) {
        Command open = new SessionCommand.Open(session.secret, options.sessionTtlMillis(), options.name());
        sender.submit(
                new PendingCall(null, 0, "", open, false, PendingCall.NO_DEADLINE, new Handler() {
                    @Override
                    public void answered(Answered answer, Afterwards after) {
                        if (answer.result() instanceof Refused refused) {
                            cannotOpen(session, Errors.of(refused), after);
                        } else if (session.id == 0) { // nothing that could be used came of it
                            String why = "the opening of a session was answered with " + answer.result();
                            cannotOpen(
                                    session, new WhatnotException(ErrorCode.INTERNAL, Outcome.NOT_APPLIED, why), after);
                        }
                    }

                    @Override
                    public void failed(WhatnotException why, Afterwards after) {
                        cannotOpen(session, why, after);
                    }
                }),
                after);
    }

    private void cannotOpen(ClientSession session, WhatnotException why, Afterwards after) {
        if (current == session) {
            current = null;
        }
        session.over = true;
        // Whatever became of the opening, nothing was sent in the session.
        WhatnotException nothingDone = why.outcome() == Outcome.NOT_APPLIED
                ? why
                : new WhatnotException(
                        why.code(), Outcome.NOT_APPLIED, "no session could be opened: " + why.getMessage());
        for (PendingCall call : sender.callsOf(session)) {
            sender.drop(call);
            call.handler.failed(nothingDone, after);
        }
    }

    /** The answer to {@link #open} has come: commands can go out. One that proves no time is of no use. */
    void opened(Result.Opened opened, long epoch, PendingCall call, ControlLine line, Afterwards after) {
        ClientSession session = current;
        if (session == null
                || session.id != 0
                || !bound.isKnown()
                || !(call.command instanceof SessionCommand.Open open)
                || !open.secret().equals(session.secret)) {
            return;
        }
        session.id = opened.session();
        session.epoch = Revision.epochOf(opened.session());
        session.deadline = new Deadline(opened.deadlineMillis(), session.epoch);
        line.attached.add(session);
        LOG.debug("session {} is open", session.id);
        heartbeatLater(session, after);
        watchBound(session, after);
        epochSeen(epoch, after);
        lookAtClocksLater(session, after);
        sender.sendWaiting(after);
    }

    // ---- new epochs

    /** Some node is in that epoch: if that is new, what the session holds is to be reclaimed before all else. */
    void epochSeen(long epoch, Afterwards after) {
        ClientSession session = current;
        if (session == null || session.id == 0 || session.over) {
            return;
        }
        Reclaiming before = session.reclaiming;
        if (epoch <= (before == null ? session.epoch : before.epoch())) {
            return;
        }
        if (before != null) {
            before.stop();
        }
        Set<Long> outstanding = new TreeSet<>(session.tickets.keySet());
        for (PendingCall call : sender.callsOf(session)) {
            if (call.command instanceof LeaseCommand.Acquire) {
                outstanding.add(call.sequence);
            } else if (call.command instanceof LeaseCommand.Cancel cancel) {
                outstanding.add(cancel.request());
            }
        }
        Reclaiming reclaiming = new Reclaiming(this, session, epoch, outstanding);
        session.reclaiming = reclaiming;
        reclaiming.send(after);
    }

    /** What the session held is not to be had back. */
    void notReclaimed(ClientSession session, Refused why, Afterwards after) {
        LOG.warn("session {} can't be reclaimed: {}", session.id, why.message());
        end(session, LossReason.MEMORY_LOST, why.message(), after);
    }

    void tellRecovered(Recovered recovered) {
        callbacks.execute(() -> {
            try {
                options.onRecovered().accept(recovered);
            } catch (Throwable e) { // whatever it is, the client goes on
                LOG.error("the listener for recoveries failed", e);
            }
        });
    }

    long sessionTtlMillis() {
        return options.sessionTtlMillis();
    }

    String clientName() {
        return options.name();
    }

    // ---- keeping it alive

    private void heartbeatLater(ClientSession session, Afterwards after) {
        after.then(() -> scheduler.schedule(
                options.sessionTtlMillis() / 3, () -> guard.run(later -> heartbeat(session, later))));
    }

    private void heartbeat(ClientSession session, Afterwards after) {
        if (session.over) {
            return;
        }
        heartbeatLater(session, after);
        if (session.heartbeatsUnderWay == 0) {
            sendHeartbeat(session, after);
        }
    }

    private void sendHeartbeat(ClientSession session, Afterwards after) {
        session.heartbeatsUnderWay++;
        sender.submit(
                new PendingCall(
                        session, 0, "", new SessionCommand.Heartbeat(), true, PendingCall.NO_DEADLINE, new Handler() {
                            @Override
                            public void answered(Answered answer, Afterwards after) {
                                session.heartbeatsUnderWay--;
                                if (answer.result() instanceof Result.Alive alive && session.isOf(answer.epoch())) {
                                    session.deadline = session.deadline.orLater(alive.deadlineMillis(), answer.epoch());
                                    sender.leaderIsAt(alive.revision(), after);
                                }
                            }

                            @Override
                            public void failed(WhatnotException why, Afterwards after) {
                                session.heartbeatsUnderWay--;
                            }
                        }),
                after);
    }

    /** Gives the session up when it can't be proven any more to be alive. */
    private void watchBound(ClientSession session, Afterwards after) {
        giveUpIfUnproven(session, after);
        if (!session.over) {
            long millis = TimeUnit.NANOSECONDS.toMillis(aliveUntilNanos(session) - leaseNanos()) + 1;
            after.then(() ->
                    scheduler.schedule(Math.max(1, millis), () -> guard.run(later -> watchBound(session, later))));
        }
    }

    private void giveUpIfUnproven(ClientSession session, Afterwards after) {
        if (!session.over && aliveUntilNanos(session) - leaseNanos() <= 0) {
            LOG.warn("session {} can't be proven to be alive any more; everything it holds is given up", session.id);
            end(session, LossReason.UNPROVEN, "the session could not be kept alive in time", after);
            close(session, after);
        }
    }

    private void lookAtClocksLater(ClientSession session, Afterwards after) {
        after.then(() -> scheduler.schedule(
                LOOK_MILLIS,
                () -> guard.run(later -> {
                    if (!session.over) {
                        leaseNanos();
                        lookAtClocksLater(session, later);
                    }
                })));
    }

    /** The machine may have been suspended. Told by any thread, with the guard or without. */
    private void clockJumped(long nanos) {
        long millis = TimeUnit.NANOSECONDS.toMillis(nanos);
        LOG.warn("the wall clock has jumped by {} ms: was this machine suspended, or its clock set?", millis);
        scheduler.schedule(0, () -> guard.run(this::checkEverything));
    }

    /** Whatever can't be proven any more is told lost, and for what can the session asks for a new proof at once. */
    private void checkEverything(Afterwards after) {
        ClientSession session = current;
        if (session == null || session.id == 0) {
            return;
        }
        giveUpIfUnproven(session, after);
        List.copyOf(session.leases.values()).forEach(lease -> lease.loseIfUnproven(after));
        // One that was sent before the jump proves little, but more than one besides is too many.
        if (!session.over && session.heartbeatsUnderWay < 2) {
            sendHeartbeat(session, after);
        }
    }

    /** The moment before which the session has surely not ended, as far as is known. Needs no guard. */
    long aliveUntilNanos(ClientSession session) {
        return bound.notReachedBefore(session.deadline);
    }

    /** The cluster says that the session has ended. */
    void sessionGone(ClientSession session, Refused why, Afterwards after) {
        closing.remove(session);
        if (!session.over) {
            LOG.warn("session {} is gone: {}", session.id, why.message());
            end(session, Errors.reason(why), why.message(), after);
        } else {
            settleCalls(session, why.message(), after);
        }
    }

    /** From now on the session is of no use: whoever holds, waits or asks in it is told. */
    private void end(ClientSession session, LossReason reason, String why, Afterwards after) {
        if (session.reclaiming != null) {
            session.reclaiming.failed(after);
        }
        session.over = true;
        if (current == session) {
            current = null;
        }
        for (ClientLease lease : List.copyOf(session.leases.values())) {
            lease.lose(reason, after);
        }
        session.leases.clear();
        settleCalls(session, why, after);
        for (LeaseTicket ticket : List.copyOf(session.tickets.values())) {
            ticket.sessionEnded(why, after);
        }
        session.tickets.clear();
    }

    /** What surely was not carried out is asked again in the next session, what may have been fails. */
    private void settleCalls(ClientSession session, String why, Afterwards after) {
        for (PendingCall call : sender.callsOf(session)) {
            sender.drop(call);
            if (call.givenUp) {
                continue;
            }
            Outcome outcome = RequestSender.outcome(call);
            if (!call.bound && outcome == Outcome.NOT_APPLIED && call.command != null) {
                call.handler.moved(send(call.owner, call.command, call.deadlineNanos, call.handler, after));
            } else {
                call.handler.failed(new WhatnotException(ErrorCode.SESSION_EXPIRED, outcome, why), after);
            }
        }
    }

    /** A line may carry the session's commands. */
    void attached(ClientSession session, Afterwards after) {
        // While there was no line, somebody else may have been told what was meant for us: ask again.
        for (LeaseTicket ticket : List.copyOf(session.tickets.values())) {
            ticket.askAgain(after);
        }
        sender.sendWaiting(after);
    }

    /** Something was pushed. */
    void pushed(V1.Push push, long epoch, Afterwards after) {
        ClientSession session = current;
        // What a node says that is still in an earlier epoch may be forgotten.
        if (session == null || session.id != push.getSession() || epoch < session.epoch) {
            return;
        }
        Result result;
        try {
            result = ResultCodec.decode(push.getResult());
        } catch (IllegalArgumentException e) {
            LOG.warn("a push can't be read by this version", e);
            return;
        }
        if (push.getSequence() == 0) {
            if (result instanceof Refused refused) {
                sessionGone(session, refused, after);
            }
            return;
        }
        LeaseTicket ticket = session.tickets.get(push.getSequence());
        ClientLease lease = session.leases.get(push.getSequence());
        if (ticket != null) {
            ticket.resolved(result, after);
        } else if (lease != null && result instanceof Refused refused) {
            session.ends.add(push.getSequence());
            session.leases.remove(push.getSequence());
            lease.lose(Errors.reason(refused), after);
        } else if (lease == null && result instanceof Refused) {
            session.ends.add(push.getSequence());
        }
    }

    /** Has a session closed that is not used any more, however long that takes. */
    private void close(ClientSession session, Afterwards after) {
        if (session.id == 0) {
            return;
        }
        closing.add(session);
        sendIn(
                session,
                "",
                new SessionCommand.Close(),
                PendingCall.NO_DEADLINE,
                new Handler() {
                    @Override
                    public void answered(Answered answer, Afterwards after) {
                        closing.remove(session);
                    }

                    @Override
                    public void failed(WhatnotException why, Afterwards after) {
                        closing.remove(session);
                    }
                },
                after);
    }

    /** Closes the session in good order; tells when that is known. */
    void close(Runnable done, long deadlineNanos, Afterwards after) {
        ClientSession session = current;
        if (session == null || session.id == 0) {
            after.then(done);
            return;
        }
        end(session, LossReason.SESSION_ENDED, "the client is being closed", after);
        sendIn(
                session,
                "",
                new SessionCommand.Close(),
                deadlineNanos,
                new Handler() {
                    @Override
                    public void answered(Answered answer, Afterwards after) {
                        after.then(done);
                    }

                    @Override
                    public void failed(WhatnotException why, Afterwards after) {
                        after.then(done);
                    }
                },
                after);
    }
}
