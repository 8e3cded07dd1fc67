package io.whatnot.client.internal;

import io.whatnot.client.LeaseContext;
import io.whatnot.client.LeaseLostException;
import io.whatnot.client.LossReason;
import io.whatnot.client.Op;
import io.whatnot.client.Outcome;
import io.whatnot.client.Put;
import io.whatnot.client.TransactionRequest;
import io.whatnot.client.WhatnotException;
import io.whatnot.core.model.ElementCommand;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Transaction;
import io.whatnot.core.model.Transaction.Operation;
import io.whatnot.core.model.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A transaction that is being described, and sent when it is committed. */
final class ClientTransactionRequest implements TransactionRequest {
    private final Requests requests;
    private final String namespace;
    private final List<Transaction.Compare> compares = new ArrayList<>();
    private final List<Op> then = new ArrayList<>();
    private final List<Op> otherwise = new ArrayList<>();
    private @Nullable String owner;

    ClientTransactionRequest(Requests requests, String namespace) {
        this.requests = requests;
        this.namespace = namespace;
    }

    @Override
    public TransactionRequest when(Transaction.Compare... more) {
        compares.addAll(List.of(more));
        return this;
    }

    @Override
    public TransactionRequest then(Op... operations) {
        then.addAll(List.of(operations));
        return this;
    }

    @Override
    public TransactionRequest otherwise(Op... operations) {
        otherwise.addAll(List.of(operations));
        return this;
    }

    @Override
    public TransactionRequest owner(String label) {
        owner = Owners.checked(label);
        return this;
    }

    @Override
    public Result.Transacted commit() throws InterruptedException {
        return Errors.await(send(owner == null ? Owners.ofThread() : owner));
    }

    @Override
    public CompletableFuture<Result.Transacted> commitAsync() {
        return requests.forUser(send(owner == null ? Owners.FRESH : owner));
    }

    private CompletableFuture<Result.Transacted> send(String label) {
        Transaction transaction = new Transaction(
                namespace,
                compares,
                then.stream().map(op -> operation(namespace, op)).toList(),
                otherwise.stream().map(op -> operation(namespace, op)).toList());
        List<Op> operations = Stream.concat(then.stream(), otherwise.stream()).toList();
        for (Op operation : operations) {
            LeaseContext lease = operation.how().lease();
            if (lease != null && !lease.isHeld()) {
                return CompletableFuture.failedFuture(new LeaseLostException(
                        LossReason.UNPROVEN,
                        "lease " + lease.id() + ", which an operation of the transaction names, is not held any more"));
            }
        }
        List<LeaseId> leases = operations.stream()
                .map(operation -> operation.how().leaseId())
                .filter(Objects::nonNull)
                .toList();
        if (leases.isEmpty()) {
            return requests.command(label, transaction, Result.Transacted.class);
        }
        if (leases.stream().mapToLong(LeaseId::session).distinct().count() > 1) {
            return CompletableFuture.failedFuture(new WhatnotException(
                    ErrorCode.STALE_TOKEN,
                    Outcome.NOT_APPLIED,
                    "the transaction names leases of several sessions, " + leases
                            + ", of which at most one is not over"));
        }
        return requests.commandUnder(leases.get(0), label, transaction, Result.Transacted.class);
    }

    /** The operation as the cluster is asked for it. */
    static Operation operation(String namespace, Op op) {
        Value value = Objects.requireNonNullElse(op.value(), Value.NONE);
        Put how = op.how();
        LeaseId leaseId = how.leaseId();
        long lease = leaseId == null ? 0 : leaseId.sequence();
        return switch (op.kind()) {
            case GET -> new Operation.Get(op.path());
            case PUT ->
                new Operation.Change(new ElementCommand.Put(
                        namespace,
                        op.path(),
                        value,
                        Durations.millis(how.ttl()),
                        how.isEphemeral(),
                        how.condition(),
                        lease));
            case REGISTER -> new Operation.Change(new ElementCommand.Register(namespace, op.path(), lease));
            case REGISTER_UNIQUE ->
                new Operation.Change(new ElementCommand.RegisterUnique(namespace, op.path(), value, lease));
            case DELETE, DELETE_RECURSIVE ->
                new Operation.Change(new ElementCommand.Delete(
                        namespace, op.path(), op.kind() == Op.Kind.DELETE_RECURSIVE, how.condition(), lease));
        };
    }
}
