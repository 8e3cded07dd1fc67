package io.whatnot.client.internal;

import io.whatnot.client.Consistency;
import io.whatnot.client.Outcome;
import io.whatnot.client.WhatnotException;
import io.whatnot.client.internal.Guard.Afterwards;
import io.whatnot.client.internal.PendingCall.Answered;
import io.whatnot.client.internal.PendingCall.Handler;
import io.whatnot.core.model.Command;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Query;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Refused;
import io.whatnot.core.protocol.QueryCodec;
import io.whatnot.core.protocol.v1.V1;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/** Commands and reads as futures of their results. */
final class Requests {
    private final SessionKeeper keeper;
    /** The newest revision this client has seen or made. */
    private final AtomicLong seen = new AtomicLong();

    Requests(SessionKeeper keeper) {
        this.keeper = keeper;
    }

    SessionKeeper keeper() {
        return keeper;
    }

    /** The same future for users: see {@link ClientFuture}. */
    <T> CompletableFuture<T> forUser(CompletableFuture<T> future) {
        return ClientFuture.of(future, keeper.callbacks());
    }

    <R extends Result> CompletableFuture<R> command(String owner, Command command, Class<R> type) {
        Waiter<R> waiter = new Waiter<>(type);
        keeper.guard().run(after -> keeper.send(owner, command, keeper.requestDeadline(), waiter, after));
        return waiter.result;
    }

    /** A command that names a lease: in the session of that lease, or refused as the servers would. */
    <R extends Result> CompletableFuture<R> commandUnder(LeaseId lease, String owner, Command command, Class<R> type) {
        Waiter<R> waiter = new Waiter<>(type);
        keeper.guard().run(after -> {
            ClientSession session = keeper.session(after);
            if (session.id == lease.session()) {
                keeper.sendIn(session, owner, command, keeper.requestDeadline(), waiter, after);
            } else {
                waiter.failed(
                        new WhatnotException(
                                ErrorCode.STALE_TOKEN,
                                Outcome.NOT_APPLIED,
                                "lease " + lease + " is of a session that is over; this client is in session "
                                        + session.id + " now"),
                        after);
            }
        });
        return waiter.result;
    }

    <R extends Result> CompletableFuture<R> read(Query query, Consistency consistency, Class<R> type) {
        V1.Read.Builder read = V1.Read.newBuilder();
        switch (consistency) {
            case LINEARIZABLE -> read.setConsistency(V1.Consistency.CONSISTENCY_LINEARIZABLE);
            case SESSION ->
                read.setConsistency(V1.Consistency.CONSISTENCY_SESSION).setMinRevision(seen.get());
            case NODE -> read.setConsistency(V1.Consistency.CONSISTENCY_NODE);
        }
        QueryCodec.put(read, query);
        Waiter<R> waiter = new Waiter<>(type);
        V1.Read message = read.build();
        keeper.guard()
                .run(after ->
                        keeper.sender().submit(new PendingCall(message, keeper.requestDeadline(), waiter), after));
        return waiter.result;
    }

    private void saw(Result result) {
        long revision = 0;
        if (result instanceof Result.Written written) {
            revision = written.revision().value();
        } else if (result instanceof Result.Done done) {
            revision = done.revision().value();
        } else if (result instanceof Result.Registered registered) {
            revision = registered.revision().value();
        } else if (result instanceof Result.Deleted deleted) {
            revision = deleted.revision().value();
        } else if (result instanceof Result.Transacted transacted) {
            revision = transacted.revision().value();
        } else if (result instanceof Result.Found found) {
            revision = found.revision().value();
        } else if (result instanceof Result.Page page) {
            revision = page.revision().value();
        }
        seen.accumulateAndGet(revision, Math::max);
    }

    private final class Waiter<R extends Result> implements Handler {
        private final Class<R> type;
        private final CompletableFuture<R> result = new CompletableFuture<>();

        Waiter(Class<R> type) {
            this.type = type;
        }

        @Override
        public void answered(Answered answer, Afterwards after) {
            saw(answer.result());
            if (type.isInstance(answer.result())) {
                after.then(() -> result.complete(type.cast(answer.result())));
            } else if (answer.result() instanceof Refused refused) {
                after.then(() -> result.completeExceptionally(Errors.of(refused)));
            } else {
                after.then(() -> result.completeExceptionally(new WhatnotException(
                        ErrorCode.INTERNAL, Outcome.UNKNOWN, "unexpected answer " + answer.result())));
            }
        }

        @Override
        public void failed(WhatnotException why, Afterwards after) {
            after.then(() -> result.completeExceptionally(why));
        }
    }
}
