package io.whatnot.client.internal;

import io.whatnot.client.Outcome;
import io.whatnot.client.QueuePosition;
import io.whatnot.client.WhatnotException;
import io.whatnot.client.internal.Guard.Afterwards;
import io.whatnot.client.internal.PendingCall.Answered;
import io.whatnot.client.internal.PendingCall.Handler;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.LeaseCommand;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Refused;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A request for a lease, from its asking until it is granted, refused or taken back. Guarded, but for its future. */
final class LeaseTicket implements Handler {
    private final SessionKeeper keeper;
    private final LeaseCommand.Acquire acquire;
    private final String owner;
    private final long deadlineNanos;
    private final Consumer<QueuePosition> onQueued;
    private final CompletableFuture<ClientLease> granted = new CompletableFuture<>();

    private @Nullable PendingCall call;
    private @Nullable ClientSession session;
    private long sequence;
    private boolean queued;
    private boolean takenBack;
    /** Whether it was granted or refused: what is heard after that is about the lease, not the request. */
    private boolean settled;

    LeaseTicket(
            SessionKeeper keeper,
            LeaseCommand.Acquire acquire,
            String owner,
            long deadlineNanos,
            Consumer<QueuePosition> onQueued) {
        this.keeper = keeper;
        this.acquire = acquire;
        this.owner = owner;
        this.deadlineNanos = deadlineNanos;
        this.onQueued = onQueued;
    }

    /** Completes, on whatever thread learns of it, when it is granted or refused. */
    CompletableFuture<ClientLease> granted() {
        return granted;
    }

    void ask(Afterwards after) {
        moved(keeper.send(owner, acquire, deadlineNanos, this, after));
    }

    @Override
    public void moved(PendingCall now) {
        this.call = now;
        this.session = now.session;
        this.sequence = now.sequence;
    }

    @Override
    public void answered(Answered answer, Afterwards after) {
        call = null;
        resolved(answer.result(), after);
    }

    /** What has become of it: an answer, or a push. */
    void resolved(Result result, Afterwards after) {
        ClientSession in = session();
        if (settled) {
            resolvedAgain(in, result, after);
            return;
        }
        if (result instanceof Result.Granted && in.reclaiming != null) {
            // In an epoch that is over; in the new one somebody else may hold it. It is asked again.
            in.tickets.put(sequence, this);
            if (!queued) {
                queued = true;
                giveUpLater(after);
            }
            return;
        }
        if (result instanceof Refused refused && refused.code() == ErrorCode.STALE_REQUEST && !takenBack) {
            askAnew(in, after);
            return;
        }
        if (result instanceof Result.Queued position) {
            in.tickets.put(sequence, this);
            if (!queued && !takenBack) {
                QueuePosition shown = new QueuePosition(position.position(), position.blockers());
                after.then(() -> onQueued.accept(shown));
            }
            if (!queued) {
                queued = true;
                giveUpLater(after);
            }
            return;
        }
        in.tickets.remove(sequence);
        if (takenBack) {
            return; // the cancel that is under way ends whatever this is
        }
        settled = result instanceof Result.Granted || result instanceof Refused;
        if (result instanceof Result.Granted lease) {
            ClientLease held = new ClientLease(keeper, in, acquire, owner, lease, after);
            in.leases.put(sequence, held);
            after.then(() -> granted.complete(held));
        } else if (result instanceof Refused refused) {
            if (queued) {
                in.ends.add(sequence);
            }
            after.then(() -> granted.completeExceptionally(Errors.of(refused)));
        } else {
            failed(
                    new WhatnotException(ErrorCode.INTERNAL, Outcome.UNKNOWN, "an acquire was answered with " + result),
                    after);
        }
    }

    /** It was asked about again, and a push was faster: the answer tells the same, or that the lease has ended since. */
    private void resolvedAgain(ClientSession in, Result result, Afterwards after) {
        ClientLease lease = in.leases.get(sequence);
        if (result instanceof Refused refused && lease != null) {
            in.ends.add(sequence);
            in.leases.remove(sequence);
            lease.lose(Errors.reason(refused), after);
        }
    }

    /** The cluster ends a wait in its time; should nothing be heard of that, the caller is not to wait for ever. */
    private void giveUpLater(Afterwards after) {
        long millis = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - keeper.nanoTime()) + 1;
        after.then(() -> keeper.scheduler()
                .schedule(
                        Math.max(1, millis),
                        () -> keeper.guard().run(later -> {
                            if (!takenBack && session().tickets.get(sequence) == this) {
                                failed(
                                        new WhatnotException(
                                                ErrorCode.TIMEOUT,
                                                Outcome.UNKNOWN,
                                                "the cluster has not said what became of the wait for "
                                                        + acquire.targets()),
                                        later);
                            }
                        })));
    }

    @Override
    public void failed(WhatnotException why, Afterwards after) {
        if (settled) {
            return;
        }
        after.then(() -> granted.completeExceptionally(why));
        if (why.outcome() == Outcome.UNKNOWN && !session().over) {
            takeBack(after);
        }
    }

    /** The line is new: the answer may have got lost with the old one. */
    void askAgain(Afterwards after) {
        ClientSession in = session();
        if (call != null || takenBack || settled) {
            return; // it is sent again by itself
        }
        call = new PendingCall(in, sequence, owner, acquire, true, PendingCall.NO_DEADLINE, this);
        keeper.sender().submit(call, after);
    }

    /** The cluster has forgotten that it waits, but not that its number was used: it has to wait under another. */
    private void askAnew(ClientSession in, Afterwards after) {
        in.tickets.remove(sequence);
        queued = false;
        moved(keeper.sendIn(in, owner, acquire, deadlineNanos, this, after));
    }

    void sessionEnded(String why, Afterwards after) {
        after.then(() -> granted.completeExceptionally(
                new WhatnotException(ErrorCode.SESSION_EXPIRED, Outcome.NOT_APPLIED, why)));
    }

    /** Nobody wants it any more: it is withdrawn, or released if it was granted meanwhile. */
    void takeBack(Afterwards after) {
        ClientSession in = session();
        if (takenBack || in.over || in.leases.containsKey(sequence)) {
            return;
        }
        takenBack = true;
        PendingCall asked = call;
        if (!queued && asked != null && RequestSender.outcome(asked) == Outcome.NOT_APPLIED) {
            keeper.sender().drop(asked);
            in.unanswered.remove(sequence);
            return;
        }
        if (asked != null) {
            asked.bound = true;
        }
        long withdrawn = sequence;
        keeper.sendIn(
                in,
                owner,
                new LeaseCommand.Cancel(withdrawn),
                PendingCall.NO_DEADLINE,
                new Handler() {
                    @Override
                    public void answered(Answered answer, Afterwards after) {
                        in.tickets.remove(withdrawn);
                    }

                    @Override
                    public void failed(WhatnotException why, Afterwards after) {
                        in.tickets.remove(withdrawn);
                    }
                },
                after);
    }

    private ClientSession session() {
        if (session == null) {
            throw new IllegalStateException("not asked yet");
        }
        return session;
    }
}
