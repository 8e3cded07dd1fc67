package io.whatnot.client.internal;

import io.whatnot.client.Consistency;
import io.whatnot.client.NamespaceManager;
import io.whatnot.client.Op;
import io.whatnot.core.model.Command;
import io.whatnot.core.model.Query;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Transaction;
import io.whatnot.core.time.Scheduler;
import io.whatnot.core.wire.Wire;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/** Clients whose time, threads, transport and chance are the test's. */
public final class Simulated {
    private Simulated() {}

    /** A client that begins at the first of its endpoints; it has no thread that the test did not give it. */
    public static NamespaceManager client(
            ClientOptions options,
            Wire wire,
            Scheduler scheduler,
            InstantSource wallClock,
            Executor callbacks,
            Executor listeners,
            RandomGenerator random) {
        return new ClientManager(options, wire, scheduler, wallClock, callbacks, listeners, 0, random, () -> {});
    }

    /** Sends what users have only blocking calls for, with an owner of its own. */
    public static <R extends Result> CompletableFuture<R> send(
            NamespaceManager client, String owner, Command command, Class<R> type) {
        return manager(client).requests().forUser(manager(client).requests().command(owner, command, type));
    }

    /** Reads what users have only blocking calls for. */
    public static <R extends Result> CompletableFuture<R> read(
            NamespaceManager client, Query query, Consistency consistency, Class<R> type) {
        return manager(client).requests().forUser(manager(client).requests().read(query, consistency, type));
    }

    /** Closes it without waiting, so that the clock may be moved meanwhile. */
    public static CompletableFuture<Void> closeAsync(NamespaceManager client) {
        return manager(client).closeAsync();
    }

    private static ClientManager manager(NamespaceManager client) {
        if (client instanceof ClientManager manager) {
            return manager;
        }
        throw new IllegalArgumentException("not a client of this library's: " + client);
    }

    /** An operation of a transaction as the cluster is asked for it. */
    public static Transaction.Operation operation(String namespace, Op op) {
        return ClientTransactionRequest.operation(namespace, op);
    }
}
