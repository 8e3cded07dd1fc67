package io.whatnot.client.internal;

import io.whatnot.client.LeaseContext;
import io.whatnot.client.LeaseLostException;
import io.whatnot.client.LossReason;
import io.whatnot.client.WhatnotException;
import io.whatnot.client.internal.Guard.Afterwards;
import io.whatnot.client.internal.PendingCall.Answered;
import io.whatnot.client.internal.PendingCall.Handler;
import io.whatnot.client.internal.TimeBound.Deadline;
import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.LeaseCommand;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Refused;
import io.whatnot.core.model.SessionCommand;
import io.whatnot.core.model.Target;
import io.whatnot.core.model.Token;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A lease that was granted to this client. */
final class ClientLease implements LeaseContext {
    private final SessionKeeper keeper;
    private final ClientSession session;
    private final LeaseCommand.Acquire acquire;
    private final String owner;
    private final Result.Granted granted;
    private final List<Target> targets;
    private final CompletableFuture<LossReason> lost = new CompletableFuture<>();
    /** When it ends unless renewed; none: with its session. */
    private volatile Deadline deadline;
    /** Whether it was lost or released. */
    private volatile boolean over;
    /** Why it was lost; null if it wasn't. */
    private volatile @Nullable LossReason reason;

    private final Set<Interruption> bodies = new LinkedHashSet<>();
    private @Nullable CompletableFuture<Void> released;

    ClientLease(
            SessionKeeper keeper,
            ClientSession session,
            LeaseCommand.Acquire acquire,
            String owner,
            Result.Granted granted,
            Afterwards after) {
        this.keeper = keeper;
        this.session = session;
        this.acquire = acquire;
        this.owner = owner;
        this.granted = granted;
        this.targets = targets(acquire, granted);
        this.deadline =
                granted.deadlineMillis() == 0 ? Deadline.NONE : new Deadline(granted.deadlineMillis(), session.epoch);
        watchBound(after);
    }

    /** A claim with the pool that serves it, which it is reclaimed with. */
    private static List<Target> targets(LeaseCommand.Acquire acquire, Result.Granted granted) {
        if (!acquire.isClaim()) {
            return acquire.targets();
        }
        Target claim = acquire.targets().get(0);
        AbsolutePath pool = granted.pool();
        return List.of(claim.servedBy(pool == null ? claim.path() : pool));
    }

    @Override
    public LeaseId id() {
        return granted.id();
    }

    @Override
    public List<Target> targets() {
        return targets;
    }

    @Override
    public Token token() {
        return granted.token();
    }

    // ---- whether it is held

    private long heldUntilNanos() {
        long session = keeper.aliveUntilNanos(this.session);
        long own = deadline.isNone() ? session : keeper.bound().notReachedBefore(deadline);
        return own - session < 0 ? own : session;
    }

    private long leftNanos() {
        if (over) {
            return 0;
        }
        long left = heldUntilNanos() - keeper.leaseNanos();
        if (left <= 0) {
            // Whoever has been told no is never told yes again, whatever answer may be on its way.
            keeper.guard().run(after -> lose(LossReason.UNPROVEN, after));
        }
        return Math.max(0, left);
    }

    @Override
    public boolean isHeld() {
        return leftNanos() > 0;
    }

    @Override
    public Duration remaining() {
        return Duration.ofNanos(leftNanos());
    }

    @Override
    public void ensureHeld(Duration margin) {
        long left = leftNanos();
        if (left <= 0 || left < margin.toNanos()) {
            throw lostException("the lease on " + targets() + " can be proven to be held for "
                    + TimeUnit.NANOSECONDS.toMillis(left) + " ms more, and " + margin.toMillis() + " ms are needed");
        }
    }

    private LeaseLostException lostException(String message) {
        LossReason why = reason;
        return new LeaseLostException(why == null ? LossReason.UNPROVEN : why, message);
    }

    /** Has a lease with a ttl told lost when its time is up; others are their session's affair. */
    private void watchBound(Afterwards after) {
        if (deadline.isNone() || over) {
            return;
        }
        loseIfUnproven(after);
        if (!over) {
            long left = keeper.bound().notReachedBefore(deadline) - keeper.leaseNanos();
            long millis = Math.max(1, TimeUnit.NANOSECONDS.toMillis(left) + 1);
            after.then(() ->
                    keeper.scheduler().schedule(millis, () -> keeper.guard().run(this::watchBound)));
        }
    }

    /** What it is reclaimed by in a new epoch. */
    SessionCommand.Held held() {
        return new SessionCommand.Held(
                id().sequence(),
                owner,
                new LeaseCommand.Acquire(acquire.namespace(), targets, acquire.ttlMillis(), 0, acquire.label()),
                granted.token());
    }

    /** It is held on in a new epoch. Guarded. */
    void reclaimed(long deadlineMillis, long epoch) {
        if (!deadline.isNone()) {
            deadline = deadline.orLater(deadlineMillis, epoch);
        }
    }

    /** With a ttl it is lost when that may be over; without one it goes with its session. Guarded. */
    void loseIfUnproven(Afterwards after) {
        if (!deadline.isNone() && keeper.bound().notReachedBefore(deadline) - keeper.leaseNanos() <= 0) {
            lose(LossReason.EXPIRED, after);
        }
    }

    /** It is lost: whoever cares is told, once, and the cluster is told to end it, in case it has not. Guarded. */
    void lose(LossReason why, Afterwards after) {
        if (over) {
            return;
        }
        reason = why;
        over = true;
        for (Interruption body : bodies) {
            after.then(body::fire);
        }
        bodies.clear();
        after.then(() -> lost.completeAsync(() -> why, keeper.callbacks()));
        if (session.leases.remove(id().sequence()) != null && !session.over) {
            sendRelease(new CompletableFuture<>(), after);
        }
    }

    @Override
    public CompletableFuture<LossReason> lost() {
        return lost.copy();
    }

    // ---- renewing

    @Override
    public void renew() throws InterruptedException {
        Errors.await(sendRenew());
    }

    @Override
    public CompletableFuture<Void> renewAsync() {
        return ClientFuture.of(sendRenew(), keeper.callbacks());
    }

    private CompletableFuture<Void> sendRenew() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        if (!isHeld()) {
            done.completeExceptionally(lostException("the lease on " + targets() + " is not held any more"));
        } else if (deadline.isNone()) {
            done.complete(null);
        } else {
            keeper.guard()
                    .run(after -> keeper.sendIn(
                            session,
                            owner,
                            new LeaseCommand.Renew(id().sequence(), 0),
                            keeper.requestDeadline(),
                            renewHandler(done),
                            after));
        }
        return done;
    }

    private Handler renewHandler(CompletableFuture<Void> done) {
        return new Handler() {
            @Override
            public void answered(Answered answer, Afterwards after) {
                if (answer.result() instanceof Result.Renewed renewed) {
                    if (session.isOf(answer.epoch())) {
                        deadline = deadline.orLater(renewed.deadlineMillis(), answer.epoch());
                    }
                    after.then(() -> done.complete(null));
                } else if (answer.result() instanceof Refused refused) {
                    if (refused.code() == ErrorCode.LEASE_LOST) {
                        lose(Errors.reason(refused), after);
                    }
                    after.then(() -> done.completeExceptionally(Errors.of(refused)));
                }
            }

            @Override
            public void failed(WhatnotException why, Afterwards after) {
                after.then(() -> done.completeExceptionally(why));
            }
        };
    }

    // ---- working under it

    /** Interrupts a thread if that still runs what it was made for. */
    private static final class Interruption {
        private final Thread thread;
        private boolean ended;
        private boolean fired;

        Interruption(Thread thread) {
            this.thread = thread;
        }

        synchronized void fire() {
            if (!ended) {
                fired = true;
                thread.interrupt();
            }
        }

        /** Whether it has interrupted; it will not any more. */
        synchronized boolean end() {
            ended = true;
            return fired;
        }
    }

    @Override
    public <T extends @Nullable Object> T call(Callable<T> body) throws Exception {
        if (!isHeld()) {
            throw lostException("the lease on " + targets() + " is not held any more");
        }
        Interruption interruption = new Interruption(Thread.currentThread());
        keeper.guard().run(after -> {
            if (over && reason != null) {
                after.then(interruption::fire);
            } else {
                bodies.add(interruption);
            }
        });
        T result;
        try {
            result = body.call();
        } catch (Exception | Error thrown) {
            if (end(interruption)) {
                LeaseLostException stopped = stopped();
                stopped.addSuppressed(thrown);
                throw stopped;
            }
            throw thrown;
        }
        if (end(interruption)) {
            throw stopped();
        }
        return result;
    }

    /** Whether the body was interrupted; the interrupt is not left to what comes after it. */
    private boolean end(Interruption interruption) {
        keeper.guard().run(after -> bodies.remove(interruption));
        boolean fired = interruption.end();
        if (fired) {
            Thread.interrupted();
        }
        return fired;
    }

    private LeaseLostException stopped() {
        return lostException("the lease on " + targets() + " was lost while work went on under it: " + reason);
    }

    // ---- ending it

    @Override
    public CompletableFuture<Void> releaseAsync() {
        return ClientFuture.of(release(), keeper.callbacks());
    }

    private CompletableFuture<Void> release() {
        return keeper.guard().get(after -> {
            if (released == null) {
                released = new CompletableFuture<>();
                if (over || session.over) {
                    released.complete(null);
                } else {
                    over = true;
                    bodies.clear();
                    session.leases.remove(id().sequence());
                    sendRelease(released, after);
                }
                over = true;
            }
            return released;
        });
    }

    /** However long it takes: a lease that this client does not use must not stay in others' way. */
    private void sendRelease(CompletableFuture<Void> done, Afterwards after) {
        keeper.sendIn(
                session,
                owner,
                new LeaseCommand.Release(id().sequence()),
                PendingCall.NO_DEADLINE,
                new Handler() {
                    @Override
                    public void answered(Answered answer, Afterwards after) {
                        after.then(() -> done.complete(null));
                    }

                    @Override
                    public void failed(WhatnotException why, Afterwards after) {
                        after.then(() -> done.complete(null)); // its session is over, and so is it
                    }
                },
                after);
    }

    @Override
    public void close() {
        long left = over ? 0 : Math.max(0, heldUntilNanos() - keeper.leaseNanos());
        CompletableFuture<Void> done = release();
        if (Thread.currentThread().isInterrupted()) {
            return;
        }
        try {
            done.get(left, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (TimeoutException | ExecutionException e) {
            return; // by now it has ended by itself, or goes on being released
        }
    }

    @Override
    public String toString() {
        return "lease " + id() + " on " + targets() + (over ? ", over" : "");
    }
}
